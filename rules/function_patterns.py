"""Which words in a title mean which function, in the languages of `title_patterns`: data only, `functions.py` reads it.

Lines are alternatives of a regular expression over a title as `titles.plain` writes it, as in `title_patterns`. Where
one part of a title names two functions the earlier here is taken: a sales controller controls, an IT buyer buys, and
whoever is in sales operations sells. Technology counts as development (a CTO, a technical director) and only what runs
the firm's own systems as IT; quality, maintenance and logistics count as operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Function(StrEnum):
    """What somebody's work is in a company, in the order in which pages show it (domain.md 4.11)."""

    GENERAL = "general"
    FINANCE = "finance"
    PROCUREMENT = "procurement"
    OPERATIONS = "operations"
    IT = "it"
    DEVELOPMENT = "r&d"
    SALES = "sales"
    MARKETING = "marketing"
    HR = "hr"
    LEGAL = "legal"


PATTERNS: Mapping[Function, str] = MappingProxyType(
    {
        Function.PROCUREMENT: r"""
            procure|purchas|\bbuy(?:er|ing)|sourcing|category (?:manag|lead|buy)|einkauf|einkaufer|beschaffung
            \bachats?\b|acheteu|approvisionn|\bcompras?\b|\bcomprador|adquisicion|aprovisionamiento|\bacquist|\bbuyer
            aquisic|suprimentos|inkoop|inkoper|zakup|zaopatrz|inkop|upphandl|indkob|innkjop|anskaff|hankin|\bosto
            nakup|\bsatin ?alma|закуп|снабжен|購買|調達|採購|采购|구매|조달
        """,
        Function.FINANCE: r"""
            \bfinanc|finan[zs]|\bfp&a\b|accountant|accounting|accounts (?:pay|receiv)|controll(?:er|ing)|treasur
            \baudit|\btax\b|payroll|bookkeep|\bcfo\b|\bdaf\b|buchhalt|rechnungswesen|\bsteuer|kaufmannische? leit
            comptab|\bpaie\b|tresor(?:ier|erie)|contador|contable|contab|tesorer|tesour|amministrativ[oa]
            administrati(?:f|ve) et financi|ksiegow|ekonomi|okonomi|\btalous|\blaskenta|ucetni|\bekonomk
            muhasebe|\bmali is|финанс|бухгалтер|экономист|казнач|財務|経理|财务|會計|会计|审计|재무|회계|경리
        """,
        Function.HR: r"""
            human (?:resource|capital)|\bhr\b|\bpeople (?:&|and|ops|oper|part|off|manag|lead|dir)|\bpeople$|\bchro\b
            talent|recru(?:it|tement)|\bdrh\b|personal(?:leit|chef|wesen|abteil|refer|ansvar|direkt|entwick|ni\b|ist)
            ressources humaines|recursos humanos|risorse umane|\brrhh\b|personeel|\bkadr|\bosobow
            henkilosto|insan kaynak|персонал|кадр|人事|人力|労務|인사
        """,
        Function.LEGAL: r"""
            \blegal|counsel|compliance|attorney|lawyer|\brecht|jurist|juridi|giuridi|affari legali|\bprawn|\bradca
            lakimies|\blaki|\bpravn|\bhukuk|юрис|юрид|法務|法务|合规|법무|준법
        """,
        Function.MARKETING: r"""
            market(?:ing|er\b)|\bbrand\b|communicat|kommunikation|communicatie|comunica[cz]|\bkomunika[ck]|viestint
            public relations|social media|advertis|werbung|markkinoint|mercadeo|pazarlama|\bcmo\b|kommunikasjon
            маркет|реклам|マーケ|宣伝|広報|市场|市場|行銷|品牌|마케팅|홍보|\bgrowth\b
        """,
        Function.SALES: r"""
            \bsales|revenue|\baccount (?:exec|manag|dir)|key account|business development|commerci[ae]|\bcomercial
            \bpresales|vertrieb|verkauf|grossk?unden|\bventes?\b|technico-commercial|grands comptes|\bventas?\b
            \bvendite\b|\bvendas\b|vendedor|verkoop|accountmanag|sprzedaz|handlow|forsalj|\bsaljare|\bsalj
            \bsalg|salgs|\bselger|\bsaelger|myynti|obchod|prodej|\bsatis\b|\bcro\b|\bcco\b|kommersiell|kommerciel
            продаж|коммерч|сбыт|営業|販売|销售|銷售|业务|業務|영업
        """,
        Function.IT: r"""
            \binformati(?:on (?:tech|sys|sec|off)|k|que|ca\b|calei|kleit)|informatiky|\bcyber|\bedv\b|systembetre
            \bchief (?:information|digital|data)|digital(?:isierung|isation|ization| transformation)|\binfrastru[ck]t
            \b(?:database|network|server|system)s? (?:admin|engin)|\bdata (?:scien|engin|analy|off)|cientista de dados
            systeembeheer|tietohallin|\bbilgi (?:islem|teknol)|\bcio\b|\bciso\b|\bdsi\b|systemes? d.information
            sistemas de informac|tecnologias? (?:de la informacion|da informacao)|programmatore|\bde ti\b
            \bit[-/ ](?!is\b)|[-/ ]it$|^it$|информацион|\bит\b|情報システム|情シス|信息|資訊|정보|전산|서버
            (?<![a-z])it(?=[^\x00-\x7f])
        """,
        Function.OPERATIONS: r"""
            operati|operazion|\boperat?sjon|operac|operasyon|supply chain|logist|warehous|\blager|fulfil?ment|\bproducti
            produktion|produksjon|produzion|produccion|\bproducao|produkcj|manufactur|\bplant\b|factory|fabri[kc]
            maintenance|quality|qualitat|kvalitet|\bcalidad|qualidade|jakosc|\bwerks?leit|fertigung|instandhalt
            betriebsleit|\bbetrieb$|materialplan|disponent|\bdepot\b|\bentrepot|\bexploitation|cadena de suministro
            \btransporte?\b|verkehrsleit|productie|\bbedrijfsbur|\bdrift|underhall|vedligehold|vedlikehold|\bverks
            tuotanto|tehtaan|kunnossapito|\blaitos|operatiiv|vyrob|provoz|udrzb|uretim|lojistik|tedarik zincir
            fabrika|производств|логист|операцион|склад|цех|生産|製造|工場|物流|品質|运营|營運|生产|制造|供应链|物流
            品控|品质|質量|质量|廠務|工艺|생산|운영|물류|공장|품질|\bcoo\b|facilit
        """,
        Function.DEVELOPMENT: r"""
            \bresearch|developer|development|\brnd\b|engineer|\bproduct (?:manag|own|lead|dir|off|design)|\bproduct$
            \bscientist|technolog|technical|innovat|\bcto\b|\bcpto\b|entwickl|forschung|konstrukt|produktmanag
            techni(?:sch|que|cien|k\b)|recherche|laborato|chef de produit|desarrollo|investigacion|\btecnic[oa]
            ricerca|sviluppo|pesquisa|desenvolvimento|ontwikkeling|badan|rozwoj|utveckling|udvikling|utvikling
            teknisk|tekninen|teknologi|tuotekehit|vyvoj|\btechnick|\bar-?ge\b|\bteknik|ingeni[eo]|ingegner
            muhendis|разработ|инженер|техническ|исследован|研究|開発|研发|研發|技術|技术|工程师|工程師|연구|개발|기술
        """,
        Function.GENERAL: r"""
            (?:deputy|vice|stellv\w*\.?) (?:general manager|managing director|ceo\b|gesch)
            country manager|business unit|geschaftsbereich|landerchef|\bgeneral management|事業部|事业部|事業群|사업부
        """,
    }
)
