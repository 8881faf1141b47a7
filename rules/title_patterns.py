"""Which words in a title mean which level, by language: data only, `titles.py` reads it.

Every line is one or more alternatives of a regular expression, joined by `|` like the lines themselves. They see a
title in lower case, without the accents of Latin letters and with single spaces (`titles.plain`). Acronyms are looked
for in the title as written, since `VD` is a Swedish rank and `vd` in the middle of a text may be anything.
Chinese, Japanese and Korean write no spaces, so their words count wherever they stand; the order of the levels
(reject, vp, c, head, manager) keeps a short word from hiding in a longer one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Patterns = Mapping[str, str]

#: Languages whose letters are not Latin: their patterns are left out for titles in plain ASCII.
OTHER_SCRIPTS = frozenset({"ru", "ja", "zh", "ko"})

#: Titles that contain a senior word and are not senior: looked for first.
REJECT: Patterns = MappingProxyType(
    {
        "en": r"""
            assist[ae]n|\bsecretary\b(?! general)|\b(?:ea|pa) to\b|\boffice of\b
            \b(?:ceo|cfo|coo|president|chairman)(?:'?s)? office\b
            \b(?:product|process|data|system|service|application|risk|control) owner
            \b(?:project|budget|backlog|platform|asset|home) owner
            \b(?:account|sales|marketing|hr|advertising|media|service|support) executive\b
            \b(?:project|recruitment|business development) executive\b
            \b(?:executive|head|sous|pastry|junior|private|personal)[ -]chef\b|\bchef de (?:cuisine|partie|rang)\b
            \bchief of staff\b|\bformer(?:ly)?\b|\bretired\b|\bpast president\b|\bemerit|\bex[- ]|\bavp\b
            \bassociate vice president\b|^intern\b|\bintern$|\btrainee\b|\bapprentice\b|\bstudent\b
            \badvis[eo]r to\b|\breceptionist\b
        """,
        "de": r"""
            sekretar|vorzimmer|referent\w* (?:der|des)\b|\bim ruhestand\b|\bi\. ?r\.|\ba\. ?d\.|\behem(?:alig|\.)
            praktikant|betriebsrat|werkstudent|auszubildende|\bazubi\b|\bburo (?:der|des)\b|buroleit
        """,
        "fr": r"\bsecretaire\b(?! general)|\bancien(?:ne)?[ ]|stagiaire|\bchef de cabinet\b|\bapprenti|\balternant",
        "es": r"""
            \basistente\b|\bsecretari[oa]\b(?![- ]ge(?:ne)?ral)|\bexdirector|\bantigu[oa][ ]|becari[oa]|\bpasante\b
            \bjef[ea] de gabinete\b
        """,
        "it": r"segretari[oa]\b(?! generale)|stagista|tirocinante",
        "pt": r"\bsecretari[oa]\b(?![- ]ge(?:ne)?ral)|estagiari[oa]|\bchefe de gabinete\b|\bdono d[oe] produto\b",
        "nl": r"secretaresse|\bvoormalig|\bproducteigenaar\b|stagiair",
        "pl": r"asystent|sekretark|\bbyl[ya][ ]|praktykant|stazyst|\bwlasciciel\w* (?:produktu|procesu)",
        "sv": r"sekreterare|\btidigare[ ]|praktikant",
        "da": r"sekretaer|\btidligere[ ]|\bpraktikant",
        "no": r"sekretaer|\btidligere[ ]",
        "fi": r"sihteeri|\bentinen[ ]|harjoittelija",
        "cs": r"asistent|sekretark|\bbyval[ya]|stazist|\bvlastni[kc]\w* produktu|\bproduktov\w+ vlastni",
        "tr": r"\basistan|sekreter|\beski[ ]|stajyer|\burun sahibi",
        "ru": r"ассистент|помощник|секретар|бывш|стажер|стажёр|владел\w+ продукт|^экс[- ]",
        "ja": r"秘書|社長室|アシスタント|インターン|補佐|^[元前](?:社長|代表|会長|取締役|部長)",
        "zh": r"秘书|秘書|助理|特助|实习|實習|^前(?:总|總|首席|董|任)|办公室|辦公室|总裁办",
        "ko": r"비서|인턴|보좌|어시스턴트|^전[ ]|영업 ?대표|상담",
    }
)

#: Vice presidents and who stands in for the top: before the top, so that `Vice President` is no `President`.
VP: Patterns = MappingProxyType(
    {
        "en": r"""
            \bvice[- ]?(?:president|chair|general manager|managing director)|\b(?:[seg]|sr ?|r)?vp\b|\bv\.p\.
            \bexecutive director\b(?<!non-executive director)
            \bdeputy (?:ceo|cfo|coo|chief|managing director|general manager|director general|president)
            \bsecretary general\b
            ^(?:senior |equity )?partner(?:$|,)
        """,
        "de": r"vizeprasident|\bstellv\w*\.? (?:gesch|vorstand|vorsitz)|\bbereichsvorst",
        "fr": r"\bdirect(?:eur|rice) generale? (?:adjoint|delegue)|\bdga\b|\bsecretaire general",
        "es": r"\bvice ?-?president|\b(?:sub|vice)director\w* general|\bsecretari[oa] general\b",
        "it": r"""
            \bvice ?-?president|\bvice ?-?direttor\w+ generale|\bcondirettor\w+ generale|\bsegretari[oa] generale\b
        """,
        "pt": r"\bvice ?-?president|\bsecretari[oa][- ]geral\b",
        "nl": r"\bvice ?-?president|\badjunct-?directeur|\bplaatsvervangend (?:algemeen )?directeur",
        "pl": r"\bwice ?-?prez|\bzastepca dyrektora generalnego",
        "sv": r"\bvice ?vd\b|\bvvd\b|\bvice verkstallande|\bvice ?-?president",
        "da": r"\bvice ?-?(?:direktor|praesident|administrerende)|\bkoncerndirektor",
        "no": r"\bvise ?-?(?:president|administrerende)|\bkonserndirektor",
        "fi": r"\bvara(?:toimitus|paa)johtaja|\bvara ?presidentti",
        "cs": r"\bvice ?-?prezident|\bnamest(?:ek|kyne)\b|\bmistopredsed|\bzastupce generalniho",
        "tr": r"\b(?:genel mudur|baskan) (?:yardimcisi|yrd)|\bbaskan vekili",
        "ru": r"вице[- ]?президент|зам\w*\.? (?:генерального|ген\.|президента)|заместитель председателя",
        "ja": r"副社長|専務|常務|(?:執行|担当|常勤)役員|副会長",
        "zh": r"副总(?!监)|副總(?!監)|副董事长|副董事長|副行长",
        "ko": r"부사장|전무|상무|부회장|부대표",
    }
)

#: Chief officers in words. A vice president who is one as well (`EVP and CFO`) is one.
CHIEF: Patterns = MappingProxyType(
    {
        "en": r"\bchief (?:[\w&,/-]+ ){1,5}officer\b|\bchief executive\b",
        "ja": r"最高.{1,8}責任者",
        "zh": r"首席.{1,8}官|(?:执行|執行|营运|營運|财务|財務|技术|技術|資訊|行銷|策略)[长長]",
        "ko": r"최고 ?.{1,6}책임자|최고 ?경영자",
    }
)

#: Chief officers as written.
CHIEF_ACRONYMS = r"C(?:[EFOTIMRPSDLACXGV]|IS|HR|PT)O|PDG|DAF|DSI|VD|GF"

#: The top: who leads a company or owns it.
C: Patterns = MappingProxyType(
    {
        "en": r"""
            \bchief (?:financial|finance|operating|operations|technology|information|marketing|revenue|people)\b
            \bchief (?:human resources|product|legal|commercial|customer|data|digital)\b
            \bchief (?:strategy|risk|compliance|procurement)\b
            \bpresident\b|\bmanaging (?:director|partner|member)\b|\bgeneral (?:manager|director)\b
            \b(?:co-?)?founder\b|\b(?:co-?)?owner\b|\bproprietor\b|\bchair(?:man|woman|person)?\b
            \bmember of the (?:executive )?board\b|\bboard member\b|\bfounding partner\b
            ^c[efiot]o(?:$| ?[,&/]| and\b)
        """,
        "de": r"""
            geschae?fts(?:fue?hr|leit)|vorstand(?!sbe)|vorstands?vorsitz|(?:\b|aufsichtsrats|beirats)vorsitzende[rn]?\b
            (?<!lehrstuhl)(?<!stellen)inhaber(?:in)?\b|\bgesellschafter(?:in)?\b|\bgeneraldirektor
            \b(?:be|mit)?grunder(?:in)?\b
            \bprasident(?:in)?\b
        """,
        "fr": r"""
            \bdirect(?:eur|rice) generale?\b|\bpresidente?\b|\bgerante?\b|\b(?:co-?)?fondat(?:eur|rice)\b
            \bproprietaire\b|\bdirigeante?\b|\bchef d.entreprise\b
            \bdirect(?:eur|rice) administrati(?:f|ve) et financi|\bdirect(?:eur|rice) des systemes d.information
            ^dg(?:$| (?:&|et|/))
        """,
        "es": r"""
            \bdirectora? (?:general|ejecutiv[oa])\b|\bgerente general\b|\bconsejer[oa] delegad[oa]\b
            \bpropietari[oa]\b|\bduen[oa]\b|\b(?:co-?)?fundadora?\b|\bsoci[oa][- ](?:directora?|fundadora?)\b
            \badministradora? unic[oa]\b
        """,
        "it": r"""
            \bamministrat(?:ore|rice) (?:delegat[oa]|unic[oa])\b|\bdirett(?:ore|rice) generale\b|\btitolare\b
            \bfondat(?:ore|rice)\b|\bproprietari[oa]\b
        """,
        "pt": r"""
            \bdiretora? (?:geral|presidente|executiv[oa])\b|\bdirectora? geral\b|\bgerente geral\b|\bdon[oa]\b
            \bsoci[oa][- ](?:gerente|administradora?)\b|\badministradora? delegad[oa]\b
        """,
        "nl": r"""
            \b(?:algemeen|statutair) directeur|\bdirecteur[- ]?eigenaar|\beigena(?:ar|resse)\b
            \bbestuursvoorzitter\b|\braad van bestuur\b|\bzaakvoerder\b|\boprichter\b|\bbestuurder\b
        """,
        "pl": r"""
            \bprezes|\bczlon(?:ek|kini) zarzadu|\bdyrektor (?:generaln|zarzadzajac)|\b(?:wspol)?wlasciciel
            \bzalozyciel
        """,
        "sv": r"""
            \bverkstallande direktor|\bkoncernchef\b|\b(?:styrelse)?ordforande\b|\bagare\b|\bgrundare\b|^vd$
            ^vd (?:och|&|/)|\boch vd$
        """,
        "da": r"""
            \badm(?:inistrerende|\.) dir|\b(?:bestyrelses)?formand\b|\bejer\b|\bindehaver\b|\bstifter\b
            \bkoncernchef\b
        """,
        "no": r"""
            \badm(?:inistrerende|\.) dir|\bdaglig leder\b|\bkonsernsjef\b|\bstyreleder\b|\beier\b|\bgrunnlegger\b
            \bmedgrunder\b
        """,
        "fi": r"\b(?:toimitus|paa)johtaja\b|\bpuheenjohtaja\b|\bomistaja\b|\b(?:perustaja|yrittaja)\b",
        "cs": r"""
            \b(?:generalni|vykonn[ya]) reditel|\bjednatel|\bpredsed\w+ (?:predstavenstva|spravni)
            \bclen\w* predstavenstva|\bmajitel|\bvlastni(?:k|ce)\b|\bzakladatel
        """,
        "tr": r"""
            \bgenel mudur|\b(?:yonetim|icra) kurulu|^baskan$|\b(?:sirket|holding|grup) baskani\b|\bkurucu
            \b(?:sirket|isletme) sahibi
        """,
        "ru": r"""
            генеральный директор|(?:исполнительный|управляющий) директор|управляющий партнер
            управляющий партнёр|президент|председател|основател|учредител|собственник|владел[еи]ц
        """,
        "ja": r"代表取締役|(?<!支)社長|会長|代表理事|^代表|創業者",
        "zh": r"总经理|總經理|总裁|總裁|董事长|董事長|执行董事|創辦人|创始人|老板|法人代表",
        "ko": r"대표|사장|회장|창업자|창립자",
    }
)

#: Who leads a department or a plant. French and Dutch `directeur` alone is one of these.
HEAD: Patterns = MappingProxyType(
    {
        "en": r"\bhead\b|\bdirect(?:or|ress)\b|\bdir\.|\bchief\b|\bcontroller\b|\btreasurer\b",
        "de": r"""
            (?<!projekt)(?<!team)(?<!schicht)(?<!gruppen)(?<!filial)(?<!beg)(?<!an)leit(?:er|erin|ung)\b
            direktor(?:in)?\b|\bprokurist
        """,
        "fr": r"\bdirect(?:eur|rice)\b|\bdrh\b|\btresori(?:er|ere)\b",
        "es": r"\b(?:sub)?directora?\b",
        "it": r"\bdirett(?:ore|rice)\b|\bdirigente\b|\bcapo\b",
        "pt": r"\bdiretora?\b|\bsuperintendente\b",
        "nl": r"hoofd\b|directeur\b|directrice\b",
        "pl": r"\bdyrektor|\bglown[ya] ksiegow|\bprokurent",
        "sv": r"(?<!projekt)(?<!produkt)(?<=[\w-])chef\b|\b(?:teknisk|administrativ|regional) chef\b|direktor\b",
        "da": r"direktor\b|\bafdelingsleder\b",
        "no": r"(?<=[\w-])sjef\b|\b(?:teknisk|administrativ|regional) sjef\b|\bavdelingsleder\b|direktor\b",
        "fi": r"(?<!tyon)johtaja\b",
        "cs": r"\breditel",
        "tr": r"\bdirektor|\bbaskani?\b",
        "ru": r"директор|руководител\w+(?! проект)|начальник|гл(?:авн(?:ый|ая)|\.) ?бухгалтер",
        "ja": r"部長|取締役|室長|所長|工場長|支店長|支社長|ディレクター",
        "zh": r"总监|總監|部长|部長|董事|厂长|廠長|处长|處長|协理|協理|总工程师|總工程師",
        "ko": r"이사|본부장|부장|부서장|실장|국장|소장|센터장|공장장|지점장",
    }
)

#: Who leads a team, a project or a product. Spanish and Portuguese `gerente` alone is one of these.
MANAGER: Patterns = MappingProxyType(
    {
        "en": r"manager(?:in)?\b|\bmgr\b|\bsupervisor\b|\bteam ?lead|\bforeman\b",
        "de": r"(?:projekt|team|schicht|gruppen|filial)leit(?:er|erin|ung)\b|\bmeister(?:in)?\b",
        "fr": r"\bresponsable\b|\bchef(?:fe)? d",
        "es": r"\b(?:sub)?gerente\b|\blider\b|\bjef[ea]\b|\bencargad[oa]\b",
        "it": r"\bresponsabile\b",
        "pt": r"\bchefe\b|\bgestora?\b",
        "nl": r"leider\b",
        "pl": r"\bkierowni(?:k|czka)\b|\bmen[ea]dzer",
        "sv": r"(?:projekt|produkt)chef\b|ledare\b|ansvarig\b",
        "da": r"leder\b|ansvarlig\b",
        "no": r"leder\b|ansvarlig\b",
        "fi": r"paallikko\b|\besimies\b|tyonjohtaja\b|mestari\b",
        "cs": r"\bvedouci\b|\bmanazer|\bmistr(?:ova)?\b",
        "tr": r"\bmudur|\byonet(?:ici|men)|\bsefi?\b",
        "ru": r"менеджер|руководител|заведующ|управляющ",
        "ja": r"課長|次長|係長|マネ[ー]?ジャー?|店長|リーダー",
        "zh": r"经理|經理|副理|主管|主任|店长|组长|組長|负责人|負責人",
        "ko": r"팀장|차장|과장|매니저|파트장",
    }
)
