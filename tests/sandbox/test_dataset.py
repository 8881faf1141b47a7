"""The dataset folder: what a good one becomes, and what is said about a bad row."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.sandbox.company import Company, SeedAccount, SeedContact, SeedDeal, SeedTouch, SeedUser
from connectors.sandbox.dataset import read_dataset

REAL = Path(__file__).parents[2] / ".." / "shared" / "data" / "w3c-touches"

GOOD = {
    "users.csv": "id,name,email,title,active,manager\nu1,Jana Roth,jana@seller.example,Rep,true,u2\n"
    "u2,M. Keller,keller@seller.example,Sales Director,false,\n",
    "accounts.csv": "id,name,domain,owner,type,customer_since,parent\na1,Nord AG,nord.example,u1,Customer,2020-01-31,\n",
    "contacts.csv": "id,account,name,email,title,role,active\nc1,a1,K. Berg,berg@nord.example,CEO,decision-maker,\n"
    "c2,a1,R. Chen,chen@nord.example,,,no\n",
    "touches.csv": "id,at,kind,direction,users,contacts,account,subject,outcome,minutes\n"
    't1,2026-10-01T10:00:00+02:00,meeting,,u1;u2,c1; c2,a1,"Review, yearly",completed,45\n',
    "deals.csv": "id,account,name,amount,currency,closed_on,won\nd1,a1,First,1200.50,EUR,2026-03-01,true\nd2,a1,,,,,\n",
    "tickets.csv": "id,account,contact,opened_at,closed_at,priority,escalated\nk1,a1,c1,2026-10-01T08:00:00Z,,high,yes\n",
    "team.csv": "account,user,role,since\na1,u2,Sponsor,2024-05-01\n",
}


def folder(path: Path, **files: str) -> Path:
    """The good dataset in `path`, with files replaced by name."""
    for name, text in {**GOOD, **{f"{name}.csv": text for name, text in files.items()}}.items():
        (path / name).write_bytes(text.encode())
    return path


def test_every_column_arrives_in_its_row(tmp_path: Path) -> None:
    company = read_dataset(folder(tmp_path))
    assert company.users[0] == SeedUser(
        id="u1", name="Jana Roth", email="jana@seller.example", title="Rep", active=True, manager="u2"
    )
    assert [user.active for user in company.users] == [True, False]
    assert company.accounts == [
        SeedAccount(
            id="a1",
            name="Nord AG",
            domain="nord.example",
            owner="u1",
            type="Customer",
            customer_since=date(2020, 1, 31),
        )
    ]
    assert company.contacts[0] == SeedContact(
        id="c1", account="a1", name="K. Berg", email="berg@nord.example", title="CEO", role="decision-maker"
    )
    assert company.touches == [
        SeedTouch(
            id="t1",
            at=datetime(2026, 10, 1, 8, tzinfo=UTC),
            kind="meeting",
            users=("u1", "u2"),
            contacts=("c1", "c2"),
            account="a1",
            subject="Review, yearly",
            outcome="completed",
            minutes=45,
        )
    ]
    assert company.deals[0] == SeedDeal(
        id="d1", account="a1", name="First", amount=1200.5, currency="EUR", closed_on=date(2026, 3, 1), won=True
    )
    assert company.deals[1] == SeedDeal(id="d2", account="a1", name="")
    assert (company.tickets[0].escalated, company.tickets[0].closed_at) == (True, None)
    assert (company.team[0].user, company.team[0].since) == ("u2", date(2024, 5, 1))
    assert (company.truth, company.as_of) == ([], None)


def test_missing_files_are_empty(tmp_path: Path) -> None:
    assert read_dataset(tmp_path) == Company()
    (tmp_path / "users.csv").write_text("")
    (tmp_path / "deals.csv").write_text("id,account\n\n")
    assert read_dataset(tmp_path) == Company()


def test_missing_optional_columns_are_empty_and_other_columns_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("name,email,id,shoe size\r\nJana,j@x.example,u1,39\r\n", encoding="utf-8-sig")
    assert read_dataset(tmp_path).users == [SeedUser(id="u1", name="Jana", email="j@x.example")]


def test_a_contact_with_a_day_of_leaving_has_left(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("id,name\na1,Acme\n")
    header = "id,account,name,active,left_on\n"
    (tmp_path / "contacts.csv").write_text(header + "c1,a1,Max,,2026-05-01\nc2,a1,Eva,false,\nc3,a1,Kim,,\n")
    left = [(contact.active, contact.left_on) for contact in read_dataset(tmp_path).contacts]
    assert left == [(False, date(2026, 5, 1)), (False, None), (True, None)]
    (tmp_path / "contacts.csv").write_text(header + "c1,a1,Max,true,2026-05-01\n")
    with pytest.raises(ValueError, match=r"contacts\.csv, line 2, column left_on: somebody who is active has not left"):
        read_dataset(tmp_path)


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match="nowhere: no such folder"):
        read_dataset(tmp_path / "nowhere")


TOUCH = "id,at,kind,direction,users,contacts,account,minutes\n"
BAD = {
    "a touch of an unknown user": (
        {"touches": TOUCH + "t1,2026-10-01T10:00:00Z,call,,u1;u9,c1,a1,\n"},
        "touches.csv, line 2, column users: 'u9' is not in users.csv",
    ),
    "a touch of an unknown contact": (
        {"touches": TOUCH + "t1,2026-10-01T10:00:00Z,call,,u1,c9,a1,\n"},
        "touches.csv, line 2, column contacts: 'c9' is not in contacts.csv",
    ),
    "a touch of an unknown account": (
        {"touches": TOUCH + "t1,2026-10-01T10:00:00Z,call,,u1,c1,a9,\n"},
        "touches.csv, line 2, column account: 'a9' is not in accounts.csv",
    ),
    "two accounts in one touch": (
        {"touches": TOUCH + "t1,2026-10-01T10:00:00Z,call,,u1,c1,a1;a1,\n"},
        "touches.csv, line 2, column account: must name one",
    ),
    "a time without zone": (
        {"touches": TOUCH + "t1,2026-10-01T10:00:00,call,,u1,c1,a1,\n"},
        "touches.csv, line 2, column at: must be a time with its zone as 2026-11-02T06:00:00Z (is '2026-10-01T10:00:00')",
    ),
    "a time before all time": (
        {"touches": TOUCH + "t1,0001-01-01T00:00:00+10:00,call,,u1,c1,a1,\n"},
        "touches.csv, line 2, column at: must be a time with its zone",
    ),
    "no time": ({"touches": TOUCH + "t1,,call,,u1,c1,a1,\n"}, "touches.csv, line 2, column at: must not be empty"),
    "an unknown kind": (
        {"touches": TOUCH + "t1,2026-10-01T10:00:00Z,fax,,u1,c1,a1,\n"},
        "touches.csv, line 2, column kind: must be one of email, call, meeting, note (is 'fax')",
    ),
    "an unknown direction": (
        {"touches": TOUCH + "t1,2026-10-01T10:00:00Z,call,up,u1,c1,a1,\n"},
        "touches.csv, line 2, column direction: must be one of inbound, outbound (is 'up')",
    ),
    "minutes below zero": (
        {"touches": TOUCH + "t1,2026-10-01T10:00:00Z,call,,u1,c1,a1,-3\n"},
        "touches.csv, line 2, column minutes: must be a whole number, 0 or more (is '-3')",
    ),
    "a row after a cell of two lines": (
        {"users": 'id,name,email\nu1,"Jana\nRoth",j@x.example\nu2,Tom,t@x.example\n,Ann,a@x.example\n'},
        "users.csv, line 5, column id: must not be empty",
    ),
    "an id twice": (
        {"users": "id,name,email\nu1,Jana,j@x.example\nu1,Tom,t@x.example\n"},
        "users.csv, line 3, column id: 'u1' stands there twice",
    ),
    "an unknown manager": (
        {"users": "id,name,email,manager\nu1,Jana,j@x.example,u2\nu2,Tom,t@x.example,u3\n"},
        "users.csv, line 3, column manager: 'u3' is not in users.csv",
    ),
    "a missing column": ({"users": "id,name\nu1,Jana\n"}, "users.csv, line 1, column email: is missing"),
    "a column twice": ({"users": "id,name,email,id\n"}, "users.csv, line 1, column id: stands there twice"),
    "a short row": (
        {"users": "id,name,email,title\nu1,Jana,j@x.example\n"},
        "users.csv, line 2, column title: the row has 3 cells, the header 4",
    ),
    "a long row": (
        {"users": "id,name,email\nu1,Roth, Jana,j@x.example\n"},
        "users.csv, line 2, column 4: the row has 4 cells, the header 3",
    ),
    "a quote that never ends": (
        {"users": 'id,name,email\nu1,"Jana,j@x.example\n'},
        "users.csv, line 2: unexpected end",
    ),
    "a day that is none": (
        {"deals": "id,account,closed_on\nd1,a1,2026-02-30\n"},
        "deals.csv, line 2, column closed_on: must be a day as 2026-11-02 (is '2026-02-30')",
    ),
    "an amount that is none": (
        {"deals": "id,account,amount\nd1,a1,nan\n"},
        "deals.csv, line 2, column amount: must be a number (is 'nan')",
    ),
    "a flag that is none": (
        {"deals": "id,account,won\nd1,a1,maybe\n"},
        "deals.csv, line 2, column won: must be true or false (is 'maybe')",
    ),
}


@pytest.mark.parametrize(("files", "message"), BAD.values(), ids=BAD)
def test_a_bad_row_is_named_with_file_line_and_column(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared below
        read_dataset(folder(tmp_path, **files))
    assert str(caught.value).startswith(message)


def test_bytes_that_are_no_utf_8_are_named_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_bytes(b"id,name,email\nu1,Jana,j@x.example\nu2,J\xfcrgen,t@x.example\n")
    with pytest.raises(ValueError, match=r"^users\.csv, line 3: .*utf-8"):
        read_dataset(tmp_path)


@pytest.mark.skipif(not REAL.is_dir(), reason="the optional reference data ../shared/data are not there")
def test_the_real_touches_arrive_whole() -> None:
    company = read_dataset(REAL)
    assert (len(company.users), len(company.accounts), len(company.touches)) == (43, 1103, 9254)
