"""Data files that are odd, by the numbers of the project's list, through `fit` and `doctor`.

Each row is a number, what must become of the file, its content, options for both commands, and the
words that must stand in one line. `E`: both refuse it in the same words. `W`: both warn, `fit`
goes on. `A`: both take it, and the doctor says the words. `D`: only the doctor says them.
"""

import hashlib
import io
import json
import shlex
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stature.cli.main import main

Outcome = Literal["E", "W", "A", "D"]
Row = tuple[str, Outcome, str | bytes, tuple[str, ...], str]

CM, IN, NONE = ("--unit", "cm"), ("--unit", "in"), ("--unit", "none")
BY_SEX = (*CM, "--group", "sex")


def column(*cells: object, name: str = "height") -> str:
    return "\n".join([name, *map(str, cells)]) + "\n"


def people(*more: str, f: str = "f", m: str = "m", head: str = "sex,height") -> str:
    """Forty people of two groups, and rows of a test's own."""
    rows = [f"{f},{158 + i % 11}\n{m},{168 + i % 13}" for i in range(20)]
    return "\n".join([head, *rows, *more]) + "\n"


def cells(*rows: str, head: str = "lower_cm,upper_cm,count") -> str:
    return "\n".join([head, *rows]) + "\n"


FORTY = [155 + (7 * i) % 31 for i in range(40)]
SEXES = ["150,155,f,5", "155,160,f,15", "160,165,f,22", "165,170,f,14", "170,175,f,4",
         "160,165,m,6", "165,170,m,15", "170,175,m,22", "175,180,m,15"]  # fmt: skip
BELL = ["150,155,4", "155,160,16", "160,165,28", "165,170,30", "170,175,18", "175,180,6"]

FILES: list[Row] = [
    ("C01-empty", "E", "", (), "the file is empty (0 bytes)"),
    ("C01-header", "E", "sex,height\n", CM, "expected rows below the header, got none"),
    ("C02-excel", "E", b"PK\x03\x04\x14", (), "looks like an Excel (or zip) file"),
    ("C02-old-excel", "E", b"\xd0\xcf\x11\xe0\xa1", (), "looks like an old Excel file"),
    ("C02-utf16", "E", "sex,height\n".encode("utf-16"), (), "looks like UTF-16 text"),
    ("C02-utf16-le", "E", "sex,height\n".encode("utf-16-le"), (), "looks like UTF-16 text"),
    ("C02-utf16-be", "E", "sex,height\n".encode("utf-16-be"), (), "looks like UTF-16 text"),
    ("C02-utf32-le", "E", "sex,height\n".encode("utf-32-le"), (), "looks like UTF-32 text"),
    ("C02-utf32-be", "E", "sex,height\n".encode("utf-32-be"), (), "looks like UTF-32 text"),
    ("C02-gzip", "E", b"\x1f\x8b\x08", (), "looks like a gzip file"),
    ("C02-pdf", "E", b"%PDF-1.7", (), "looks like a PDF"),
    ("C02-parquet", "E", b"PAR1\x15", (), "got a Parquet file"),
    ("C03", "E", "name,size\nAnn,170\n", (),
     "no column is known as a height; the columns are name, size, the known names are height"),
    ("C03-chinese", "A", column(*FORTY, name="身高"), CM, "heights are in '身高'"),
    ("C04", "E", "height_in,height_cm\n66,168\n", (), "choose one with --column COLUMN"),
    ("C04-exact", "A", "height,father_in\n" + "".join(f"{h},70\n" for h in FORTY), CM,
     "in 'height'"),
    ("C05", "E", "male,73.2\nfemale,66\n", (),
     "the first row looks like data (male, 73.2); add a header"),
    ("C06", "E", "sex,height,height\nm,170,171\n", (), "2 columns are named 'height'"),
    ("C06-cells", "E", cells("150,160,f,m,5", "160,170,f,m,9", head="lower,upper,sex,sex,count"),
     BY_SEX, "2 columns are named 'sex'"),
    ("C06-blank", "A", column(*(f"{h},1" for h in FORTY), name="height,"), CM, "(blank)"),
    *((f"C07-{words}", "A", people().replace(",", mark), BY_SEX, f"separated by {words}")
      for words, mark in (("semicolons", ";"), ("tabs", "\t"), ("bars", "|"), ("spaces", "   "))),
    ("C08", "A", "sex;height\n" + "".join(f"m;1,{h}\n" for h in range(60, 90)), ("--unit", "m"),
     "decimals are written with a comma"),
    ("C08-mixed", "E", "sex;height\nm;1,70\nf;1,65\nm;1.80\n", ("--unit", "m"),
     "row 4: expected one decimal sign, got both points (1 cell) and commas (2 cells)"),
    ("C08-comma", "E", "sex,height\nm,1,70\nf,1,65\n", ("--unit", "m"), "expected 2 cells"),
    ("C09", "E", "sex,height\n" + "m,170,x\n" * 7 + "f,160\nf\nm,175\n", CM,
     "rows 2, 3, 4, 5, 6, …: expected 2 cells as in the header, got 3 cells (8 such rows"),
    ("C10", "A", b'\xef\xbb\xbfsex,height\r\n' + b'"m"," 170 "\r\n"f, or so","165"\r\n' * 20,
     BY_SEX,
     "“f, or so” 20, “m” 20"),
    ("C11", "E", "sex,height\nm,170\n男,165\n".encode("gbk"), (), "line 3: not UTF-8 text (GBK"),
    *((f"C12-{n}", "E", f"sex;height\nm;170\nf;{text}\nm;180\nf;160\n", CM,
       "row 3: expected a number such as 170.5, got")
      for n, text in enumerate(["1,700", "١٧٠", "=SUM(A1)", "1\x0070", "1_70"])),
]  # fmt: skip

UNITS: list[Row] = [
    ("C13-cm", "A", column(*FORTY), CM, "taken as cm"),
    ("C13-m", "A", column(*(h / 100 for h in FORTY)), ("--unit", "m"), "taken as metres"),
    ("C13-mm", "A", column(*(10 * h for h in FORTY), name="height_mm"), (), "taken as mm"),
    ("C13-in", "A", column(*(h / 2.54 for h in FORTY), name="height_in"), (), "taken as inches"),
    ("C13-other", "E", column(5.5, 6), ("--unit", "ft"),
     "expected cm, m, mm, in or none, got “ft”"),
    ("C14", "E", column(50, 66, 84), (), "inches? say so with --unit in"),
    ("C14-m", "E", column(1.2, 1.7, 2.3), (), "metres? say so with --unit m"),
    ("C14-mm", "E", column(1200, 1700, 2300), (), "mm? say so with --unit mm"),
    ("C14-cm", "W", column(*FORTY), (), "the unit is not named; taken as cm"),
    ("C15", "E", column(64, 68, 70), CM,
     "expected heights in cm, got values 64–70, median 68; inches?"),
    ("C16", "E", column(*[65] * 112, *[165] * 31, 1.65, 1.7, 1.8), CM,
     "112 values 50–84 (inches?, such as row 2: 65), 31 values 120–230 (cm?, such as row 114: "
     "165), 3 values 1.2–2.3 (metres?, such as row"),
    *((f"C17-{n}", "E", f"sex;height\nm;170\nf;{text}\nm;180\nf;160\n", CM,
       f"row 3: expected a number such as 170.5, got “{text}”")
      for n, text in enumerate(["5' 4", "5'7", "165cm", "5 ft 9 inches", "Five foot eight inches",
                                ">9000", "6*12", "2'33", "yyy"])),
    ("C17-comma", "E", 'sex,height\nm,170\nf,"5,3"\nm,180\nf,165\n', CM, "got “5,3”"),
    ("C17-drop", "A", people("f,tall"), (*CM, "--on-bad-rows", "drop"),
     "1 row left out: value not a number"),
    *((f"C18-{n}", "A", people(f"f,{text}"), CM, "1 row left out: value missing")
      for n, text in enumerate(["", "NA", "NaN", "null", "."])),
    ("C18-all", "E", "sex,height\nm,\nf,NA\n", CM, "expected numbers, got 2 blank cells"),
    *((f"C19-{code}", "D", column(*[160 + i % 20 for i in range(40)], code, code), CM,
       f"{code} (2 rows): likely a code for a missing value") for code in (-9, 0, 99, 999, 7777,
       9999)),
    *((f"C20-{n}", "E", column(*FORTY, height), CM,
       f"row 42: expected heights from 50 to 260 cm, got {height}")
      for n, height in enumerate([0, 300, 999])),
    ("C20-range", "A", column(30, 45, 60, 75, 90, 100, 110, 120, *range(30, 120, 3)),
     (*CM, "--range", "20", "200"), "heights of 30 to 120 cm"),
    ("C20-none", "A", column(*(4500 + 37 * i for i in range(40)), name="mass_g"),
     ("--height", "mass_g", *NONE), "taken as they are, without a unit"),
    *((f"C21-{n}", "E", column(*FORTY, text), CM, "row 42")
      for n, text in enumerate(["inf", "-Infinity", "1e308", "1e999", "1+2j"])),
]  # fmt: skip

PEOPLE: list[Row] = [
    ("C22", "W", "height,weight\n" + "".join(f"{h},60\n" for h in FORTY) + "57,166\n", CM,
     "row 42: 57 lies 9.4 robust SDs below the median; look at the rows (are two columns"),
    ("C23", "W", column(*FORTY, 259), CM, "robust SDs above the median"),
    ("C24", "W", column(*[170] * 40), CM, "only 1 distinct value in 40 rows"),
    ("C24-two", "W", column(*[170, 180] * 20), CM, "only 2 distinct values in 40 rows"),
    ("C25", "D", column(*(60 + (5 * i) % 13 for i in range(90)), name="height_in"), (),
     "a step of 1 in is over a quarter of the SD"),
    ("C25-digits", "D", column(*([160, 165, 170, 175, 180] * 30 + FORTY)), CM,
     "are multiples of 5 cm"),
    ("C25-score", "D", column(*range(140, 200)), CM, "digit preference 0 of 100"),
    *((f"C26-{n}", "A", people(f=f, m=m), BY_SEX, f"“{f}” 20, “{m}” 20")
      for n,
      (f, m) in enumerate([("F", "M"), ("f", "m"), ("Female", "Male"), ("2", "1"), ("0", "1"),
                                  ("女", "男"), ("False", "True")])),
    ("C27", "W", people("?,165", "?,171"), BY_SEX, "3 groups, not two"),
    ("C27-blank", "A", people(",165"), BY_SEX, "no label 1"),
    ("C27-NA", "A", people("NA,165", " ,171"), BY_SEX, "no label 2"),
    ("C27-all", "W", people(f="", m=""), BY_SEX,
     "no row has a label, all cells are blank; fitted without groups"),
    ("C27-one-name", "A", people(m=""), BY_SEX, "“f” 20, no label 20"),
    ("C28", "W", people("M ,165", "M ,171"), BY_SEX, "“m” and “M ” differ only by case or spaces"),
    ("C28-merged", "A", people("M ,165", "M ,171"), (*BY_SEX, "--merge-labels"), "“f” 20, “m” 22"),
    ("C29", "W", "sex,height\n" + "".join(f"f,{h}\n" for h in FORTY), BY_SEX,
     "one group only, “f”"),
    ("C29-lonely", "W", people("x,150"), BY_SEX,
     "group “x” has 1 row, which tells nothing about its SD"),
    ("C30", "E", people(), (*CM, "--group", "gender"),
     "no column 'gender'; the columns are sex, height"),
    ("C30-many", "E",
     column(*(f"{h},{50 + h}.{i}" for i, h in enumerate(FORTY)), name="height,weight"),
     (*CM, "--group", "weight"), "column 'weight' has 40 distinct values"),
    ("C31", "E", column(170), CM, "expected at least 2 rows with a height, got 1"),
    ("C31-few", "W", column(160, 165, 172), CM, "3 people are few where groups are hidden"),
    ("C31-thirty", "W", column(*FORTY[:29]), CM, "29 people are few where groups are hidden"),
    ("C32", "W", "id,age,height\n" + "".join(f"{i},{i % 50},{h}\n" for i, h in enumerate(FORTY))
     + "0,0,155\n", CM, "1 row with the identity of an earlier row"),
    ("C32-rows", "W",
     "id,age,height\n" + "".join(f"{i},{i % 50},{h}\n" for i, h in enumerate(FORTY))
     + "0,0,155\n", CM, "1 row equal to an earlier row in every column; kept"),
    ("C33", "W", "family,height\n" + "".join(f"{i // 3},{h}\n" for i, h in enumerate(FORTY)), CM,
     "not independent, so the standard errors are too small"),
    ("C35", "E", people(head="w,height", f="1", m="-2"), (*CM, "--weights", "w"),
     "rows 3, 5, 7, 9, 11, …: expected a weight of 0 or more, got “-2” (20 such cells)"),
    *((f"C35-{n}", "E", people(head="w,height", f="1", m=text), (*CM, "--weights", "w"),
       f"expected a weight of 0 or more, got “{text}”") for n,
       text in enumerate(["-1", "x", "inf"])),
    ("C35-blank", "A", people(head="w,height", f="1", m="NaN"), (*CM, "--weights", "w"),
     "20 rows left out: weight missing"),
    ("C35-huge", "E", people(head="w,height", f="1e15", m="1.01e15"), (*CM, "--weights", "w"),
     "expected a weight of 0 or more and at most 1e+15, got “1.01e15” (20 such cells)"),
    ("C35-zero", "E", people(head="w,height", f="0", m="0"), (*CM, "--weights", "w"),
     "all weights are 0"),
    ("C36", "A", people(head="w,height", f="0.25", m="75000"), (*CM, "--weights", "w"), ""),
    ("C36-absent", "A", people(head="w,height", f="0", m="2"), (*CM, "--weights", "w"),
     "20 rows left out: weight 0"),
    ("C37", "E", people(), (*CM, "--weights", "sex"),
     "expected a weight of 0 or more, got “f”, “m”"),
    ("C52", "D", column(*(min(h, 175) for h in [*range(150, 190), *range(150, 190)])), CM,
     "% lie at the largest value 175: top-coded?"),
    ("C52-bottom", "D", column(*(max(h, 160) for h in [*range(150, 190), *range(150, 190)])), CM,
     "% lie at the smallest value 160: bottom-coded?"),
]  # fmt: skip

# Cells with groups: what is added to them, or taken away.
GROUPED: list[tuple[str, Outcome, list[str], str]] = [
    ("all", "A", SEXES, "“f” 60, “m” 58"),
    ("blank", "A", [*SEXES, "165,170,,4"], "“f” 60, “m” 58, no label 4"),
    ("none", "W", [row.replace("f", "").replace("m", "") for row in SEXES[:5]],
     "no row has a label, all cells are blank; fitted without groups"),
    ("twice", "E", [*SEXES, "165,170,f,4"], "the cells 165–170 and 165–170 overlap"),
    ("across", "E", [*SEXES, "167,172,,4"], "the cells 165–170 and 167–172 overlap"),
    ("gap", "E", [*SEXES, "190,195,m,4"], "there is no cell from 180 to 190"),
    ("open", "E", [*SEXES, "180,,m,4"], "an open cell has no place beside a column of groups"),
    ("wide", "E", [*SEXES, "180,190,m,4"], "expected cells of one width beside a column of groups"),
    ("minus", "E", [*SEXES, "180,185,m,-4"], "expected counts of 0 or more, got -4"),
    ("huge", "E", [*SEXES, "180,185,m,1e308"], "0 or more, got “1e308”"),
    ("third", "W", [*SEXES, "165,170,x,5", "170,175,x,9"], "3 groups, not two"),
    ("one", "W", SEXES[:5], "one group only, “f”"),
    ("text", "E", [*SEXES, "180,185,m,some"], "expected a count of 0 or more"),
    ("inches", "W", [",".join([*(f"{int(end) / 2.5:g}" for end in row.split(",")[:2]),
                               *row.split(",")[2:]]) for row in SEXES], "say --unit in"),
]  # fmt: skip

COUNTS: list[Row] = [
    ("C40", "E", cells("160,150,5", "160,170,9"), (),
     "row 2: expected a lower end below the upper one"),
    ("C40-equal", "E", cells("150,150,5", "160,170,9"), (), "got 150 and 150"),
    ("C41", "E", cells("150,160,5", "158,170,9"), (),
     "rows 2, 3: the cells 150–160 and 158–170 overlap"),
    ("C41-gap", "E", cells("150,160,5", "165,170,9"), (), "there is no cell from 160 to 165"),
    ("C42", "A", cells(*reversed(BELL)), (), "102 observations in 6 cells"),
    ("C43", "E", cells("150,160,-5", "160,170,9"), (),
     "row 2: expected counts of 0 or more, got -5"),
    ("C43-nan", "E", cells("150,160,NaN", "160,170,9"), (),
     "row 2: expected a count of 0 or more"),
    ("C43-blank", "E", cells("150,160,", "160,170,9"), (),
     "row 2: expected a count of 0 or more"),
    ("C43-nobody", "E", cells("150,160,0", "160,170,0"), (), "all counts are 0"),
    ("C43-one", "E", cells("150,160,0", "160,170,9"), (), "tells nothing about the SD"),
    ("C44", "A", cells(*BELL[:-1], "175,180,6.25"), (), "102.25 observations in 6 cells"),
    *((f"C45-{n}", "A", cells(f"{low},155,4", *BELL[1:-1], f"175,{high},6"), (),
    "102 observations in 6 cells")
      for n, (low, high) in enumerate([("-inf", "inf"), ("", "")])),
    ("C45-below", "E", cells("<140,155,4", *BELL[1:]), (),
     "row 2: expected a number, or a blank cell or -inf for an open end, got “<140”"),
    ("C45-above", "E", cells(*BELL[:-1], "175,200+,6"), (),
     "row 7: expected a number, or a blank cell or inf for an open end, got “200+”"),
    ("C45-closed", "D", cells(*BELL), (), "nothing was counted below 150 cm or above 180 cm"),
    ("C46", "E", cells("150,160,5,155", head="lower_cm,upper_cm,count,height"), (),
     "cells with counts (lower_cm, upper_cm, count) and heights (height): choose"),
    ("C47", "A", cells("150,5", "152,9", "154,20", "158,9", head="length_cm,count"), (),
     "each value stands for the cell of 2 around it"),
    ("C47-text", "E", cells("150,5", "15x,9", "154,20", head="length_cm,count"), (),
     "column 'length_cm', row 3: expected a number, got “15x”"),
    ("C47-uneven", "E", cells("150,5", "152,9", "155,20", "158,9", head="length_cm,count"), (),
     "expected values at an even step"),
    ("C47-points", "A", cells(*(f"{h},{3 + h % 5}" for h in range(155, 190)), head="height_cm,n"),
     ("--points",), ""),
    *((f"C27-cells-{n}", outcome, cells(*rows, head="lower_cm,upper_cm,sex,count"), BY_SEX, words)
      for n, outcome, rows, words in GROUPED),
    ("C48", "W", cells("150,170,40", "170,172,30", "172,174,20", "174,176,10"), (),
     "is wider than the SD"),
    ("C48-two", "W", cells("150,160,5", "160,170,9"), (),
     "only 2 cells with a count above 0: the SD rests on"),
]  # fmt: skip


def parquet(**columns: object) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


SCATTERED = [158 + (11 * i) % 29 for i in range(40)]
LISTED = [(150 + 2 * i, n) for i, n in enumerate([3, 60, 1145, 1900, 1310, 400, 9])]
SEXES_COUNTED = [f"{s},{h + 12 * (s == 'm')},{n}" for h, n in LISTED for s in "fm"]
# Files of the kinds that strangers brought, by the number of the kind, with invented numbers.
STRANGERS: list[Row] = [
    ("F1", "W", cells(*(f'{h},{h + 2},"{n:,}"' for h, n in LISTED)), (),
     "thousands are separated by commas: “1,145” is 1145"),
    ("F1-group", "W", cells(*(f"{h};{h + 2};f;{n:,}".replace(",", ".") for h, n in LISTED),
                            head="lower_cm;upper_cm;sex;count"), ("--group", "sex"),
     "thousands are separated by points"),
    ("F2", "E", cells(*SEXES_COUNTED, head="sex,height_cm,count"), ("--group", "sex"),
     "column 'count' is named like a count and is not used"),
    ("F2-count", "A", cells(*SEXES_COUNTED, head="sex,height_cm,count"),
     ("--group", "sex", "--count", "count"), "weights in 'count'"),
    ("F2-survey", "E", column(*(f"{h},{20000 + 7 * h}.25" for h in SCATTERED),
                              name="BMXHT,WTMEC2YR"), ("--column", "BMXHT", *CM),
     "say --weights WTMEC2YR, if it holds something else, --weights none"),
    ("F3", "W", column(*(f"{i + 1},{h}" for i, h in enumerate(SCATTERED)), name="number,height_cm"),
     (), "column 'number' numbers the rows"),
    ("F4", "A", column(*(f"{i % 2},{h},{20000 + 7 * h}.25" for i, h in enumerate(SCATTERED)),
                       name="RIAGENDR,BMXHT,WTMEC2YR"),
     ("--column", "BMXHT", *CM, "--group", "RIAGENDR", "--weights", "WTMEC2YR"),
     "weights in 'WTMEC2YR'"),
    ("F5", "A", column(*(f"{h * h}e-11" for h in SCATTERED), name="r"),
     ("--column", "r", *NONE), "40 values of 2.4964e-07 to 3.4596e-07"),
    ("F6", "E", column(*SCATTERED), (*CM, "--groups", "3", "--sds", "5", "5", "6", "--group", "x"),
     "no column 'x'"),
    ("F7", "A", column(*(round(h / 2.54, 1) for h in SCATTERED), name="height_in"),
     ("--below", "60", "--sds", "2.3", "2.6"), "taken as inches"),
    ("F8", "W", column(*(SCATTERED * 8), *range(96, 105)), CM, "robust SDs below the median"),
    ("F9", "A", column(*(f"{h},{h % 5}.5" for h in SCATTERED), name="height_cm,w"),
     ("--weights", "w", "--weight-kind", "sampling"), "by weights"),
    ("F16", "E", parquet(height_cm=[170, 2**63 - 1, 160] * 9), (), "expected heights from 50"),
    ("F16-list", "D", parquet(height_cm=[float(h) for h in SCATTERED], sex=[["f"]] * 40), (),
     "column 'sex': expected numbers or texts, got list"),
    ("F16-binary", "D", parquet(height_cm=SCATTERED, sex=[b"\xe9", b"m"] * 20), (),
     "column 'sex': expected numbers or texts, got binary"),
    ("F19", "A", column(*(f"{h},5" for h in SCATTERED), name="height_cm"), (),
     "decimals are written with a comma"),
    ("F19-weights", "A", column(*(f"{h},5;0,{h}" for h in SCATTERED), name="height_cm;w"),
     ("--weights", "w"), "decimals are written with a comma"),
    ("F20", "A", column(*(f"{h},1" for h in SCATTERED), "167.5,", "168.5,NA", name="height_cm,w"),
     ("--weights", "w"), "2 rows left out: weight missing"),
    ("F21", "W", '"height" "sex"\n' + "".join(f'"{i}" {h} "f"\n' for i, h in enumerate(SCATTERED)),
     CM, "the first column is taken for names of the rows"),
    ("F22", "A", column(*(h / 4 for h in SCATTERED), name="length"),
     ("--column", "length", "--unit", "mm"), "values of 39.5 to 46.5 mm"),
    ("F22-cm", "A", column(*(h / 4 for h in SCATTERED), name="length_cm"),
     ("--column", "length_cm"), "values of 39.5 to 46.5 cm"),
    ("F23", "A", column(*(h / 40 - 3.9 for h in SCATTERED), name="x"),
     ("--column", "x", *NONE, "--below", "0"), "values are in 'x'"),
    ("F24-table", "W", cells(*(f"{h},{n}" for h, n in LISTED), "0,9",
                             head="length_mm,count"),
     (), "0 (count 9): likely a code for a missing value; take its row out of the table"),
    ("F24-uneven", "E", cells(*(f"{h},{n}" for h, n in LISTED), "-99,9", "9999,4",
                              head="length_mm,count"), (),
     "-99 (count 9), 9999 (count 4): likely a code for a missing value; take its row out"),
    ("F19-unit", "A", column(*(f"{h},5" for h in SCATTERED), name="height, cm"), (),
     "40 heights of 158.5 to 186.5 cm"),
    # A sum or a mean at the end is in the range of heights, too.
    *((f"F2-{word}", "E", column(*(f"{i},{h}" for i, h in enumerate(SCATTERED)), *lines,
                                 name="id,height_cm"), (),
       f"row {41 + len(lines)}: expected a number such as 170.5, got “{word} ")
      for word, lines in {
          "Total": ["", "Total,120"], "Mean:": ["Mean:,171.5"], "Gesamt": ["Gesamt,120"],
          "合计": ["合计,120"], "All": ["All,120"],
      }.items()),
    ("F24", "W", column(*SCATTERED, -99, -99, 9999, name="x"), ("--column", "x", *NONE),
     "-99 (2 rows), 9999 (1 row): likely a code for a missing value"),
]  # fmt: skip
ROWS = [*FILES, *UNITS, *PEOPLE, *COUNTS, *STRANGERS]


@pytest.mark.parametrize(
    ("case", "outcome", "content", "options", "words"), ROWS, ids=[row[0] for row in ROWS]
)
def test_data_files(
    case: str, outcome: Outcome, content: str | bytes, options: tuple[str, ...], words: str,
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = tmp_path / ("people.parquet" if case.startswith("F16") else "people.csv")
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    code = main(["fit", str(path), *options])
    fit = capsys.readouterr()
    doctor_code = main(["doctor", str(path), *options])
    doctor = capsys.readouterr()
    assert list(tmp_path.iterdir()) == [path]
    assert "Traceback" not in fit.out + fit.err + doctor.out + doctor.err
    assert doctor.err == ""
    assert "\nVerdict: " in doctor.out
    said = [line for line in doctor.out.splitlines() if words in line]
    assert said, doctor.out
    # What one takes the other takes, and the command that the doctor prints fits.
    assert (code, doctor_code) in ((0, 0), (2, 1)), fit.err + doctor.out
    if doctor_code == 0:
        command = shlex.split(doctor.out.splitlines()[-1].removeprefix("To fit it: stature "))
        assert command[:2] == ["fit", str(path)]
        assert set(options) <= {*command, "height", "mass_g", "--height"}
        assert main([*command, "--json"]) == 0
        capsys.readouterr()
    match outcome:
        case "E":
            assert (code, fit.out) == (2, "")
            assert [line for line in fit.err.splitlines() if words in line], fit.err
            assert all(line.startswith(f"stature fit: {path}: ") for line in fit.err.splitlines())
            assert said[0].startswith("error")
        case "W":
            assert code == 0
            assert [line for line in fit.err.splitlines() if words in line], fit.err
            assert said[0].startswith("warning")
        case "A":
            assert code == 0, fit.err
        case "D":
            pass


def fit_alone(
    path: Path, capsys: pytest.CaptureFixture[str], *options: str
) -> tuple[int, str, list[str]]:
    """Exit code of `fit`, what it prints, and its lines of faults and warnings."""
    code = main(["fit", str(path), *options])
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    return code, printed.out, printed.err.splitlines()


@pytest.mark.parametrize(
    ("case", "make", "words"),
    [
        ("C01-missing", lambda path: None, "no such file"),
        ("C01-folder", lambda path: path.mkdir(), "expected a file, got a folder"),
        ("C01-loop", lambda path: path.symlink_to(path), "no such file"),
    ],
    ids=["C01-missing", "C01-folder", "C01-loop"],
)
def test_files_that_are_none(
    case: str, make: Callable[[Path], None], words: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = tmp_path / "people.csv"
    make(path)
    code, out, (line,) = fit_alone(path, capsys)
    assert (code, out) == (2, "")
    assert words in line
    assert main(["doctor", str(path)]) == 1
    assert words in capsys.readouterr().out


def test_C01_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(column(*FORTY))

    opened = Path.open

    def refused(one: Path, *given: Any, **named: Any) -> Any:
        if one == path:
            raise PermissionError
        return opened(one, *given, **named)

    # Whoever runs the tests may be allowed to read anything.
    monkeypatch.setattr(Path, "open", refused)
    code, _, (line,) = fit_alone(path, capsys)
    assert code == 2
    assert "the file may not be read; change its permissions" in line


def test_C34_a_row_costs_little_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "people.csv"
    text = "note,sex,height\n" + f"{'x' * 400},f,165.5\n{'y' * 400},m,174.25\n" * 25_000
    path.write_text(text)
    tracemalloc.start()
    code = main(["doctor", str(path), *BY_SEX])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code == 0
    assert "50000 rows of 3 columns" in capsys.readouterr().out
    # 20 MB stand in the file; a batch of text and fifty bytes a row are held of them, twice over
    # while a column of groups is looked for.
    assert peak < 3 * len(text)


def test_C49_a_group_in_a_single_cell_is_degenerate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "spike.csv"
    path.write_text(cells("150,155,1", "155,160,1", "160,165,500", "165,170,1", "170,175,1"))
    code, out, _ = fit_alone(path, capsys, "--groups", "2", "--estimator", "mixture")
    assert code == 0
    assert "Degenerate: a group shrank to a single value" in out


@pytest.mark.parametrize(
    ("case", "text"),
    [("C50", column(*FORTY, name="height_cm")), ("C50-cells", cells(*BELL))],
    ids=["C50", "C50-cells"],
)
def test_people_below_the_cut_are_a_fault(
    case: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text)
    code, out, (line,) = fit_alone(path, capsys, "--below", "160")
    assert (code, out) == (2, "")
    assert "row" in line
    assert "below the cut that you named, 160 cm" in line


def test_C51_a_mean_that_runs_away_is_told_with_what_helps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "army.csv"
    # Below a cut there is a maximum if and only if the SD of x - a is less than its mean.
    quantiles = -np.log(1.0 - (np.arange(300) + 0.5) / 300.0)
    path.write_text(column(*(165.0 + 4.0 * quantiles**1.5).tolist(), name="height_cm"))
    code, out, _ = fit_alone(path, capsys, "--below", "165", "--groups", "1")
    assert code == 0
    assert "No answer: nothing inside the parameter space" in out
    assert "give it with --sds" in " ".join(out.split())


def test_C53_the_digest_is_of_the_bytes_that_were_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(column(*FORTY))
    assert main(["doctor", str(path), *CM, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
