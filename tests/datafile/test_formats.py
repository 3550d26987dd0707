"""Formats: files of other programs, read or named with what to do."""

import bz2
import json
import lzma
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from stature.datafile.doctor import diagnose
from stature.datafile.examinations import FileError, examine
from stature.datafile.people import people_of
from stature.datafile.request import Reading

Write = Callable[..., Path]
HEIGHTS = [160.5 + k for k in range(12)]
TEXT = b"height_cm\n170\n171\n"


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({"height_cm": [*HEIGHTS, None], "sex": [*"fm" * 6, "f"]})


def test_F21_feather_is_read(frame: pd.DataFrame, tmp_path: Path) -> None:
    feather.write_feather(pa.Table.from_pandas(frame), str(tmp_path / "people.feather"))
    check(tmp_path / "people.feather", "a Feather file")


@pytest.mark.parametrize("version", [114, 117, 118])
def test_F21_stata_is_read(
    frame: pd.DataFrame, version: Literal[114, 117, 118], tmp_path: Path
) -> None:
    frame.to_stata(tmp_path / "people.dta", version=version, write_index=False)
    check(tmp_path / "people.dta", "a Stata file")


def check(path: Path, kind: str) -> None:
    found = people_of(examine(path, Reading(group="sex")))
    assert found.values.tolist() == HEIGHTS
    assert found.group_names == ("f", "m")
    assert any(kind in one.sentence for one in diagnose(path, Reading()).verdicts)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bz2.compress(TEXT), "a bzip2 file; unpack it first"),
        (lzma.compress(TEXT), "an xz file; unpack it first"),
        (b"$FL2@(#) SPSS DATA FILE", "an SPSS file"),
        (b"$FL3@(#) SPSS DATA FILE", "a compressed SPSS file"),
        (b"RDX3\nX\n", "a file of R's objects"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (json.dumps([{"height": 170}]).encode(), "JSON; in Python, pandas.read_json"),
        (json.dumps({"height": [170]}, indent=1).encode(), "JSON"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\n<table><tr>", "a web page"),
        (b"ARROW1\x00\x00 and no more", "a damaged Feather file"),
        (b"<stata_dta><header>", "a damaged Stata file"),
        (b"\x72\x01\x01\x00", "a damaged Stata file"),
    ],
)
def test_F21_other_formats_are_named_with_what_to_do(
    content: bytes, words: str, write: Write
) -> None:
    with pytest.raises(FileError, match=re.escape(words)):
        examine(write(content), Reading())


def test_F17_no_thread_of_arrow_outlives_the_reading(frame: pd.DataFrame, tmp_path: Path) -> None:
    table = pa.Table.from_pandas(pd.concat([frame] * 5000))
    parquet.write_table(table, tmp_path / "people.parquet", row_group_size=10_000)
    feather.write_feather(table, str(tmp_path / "people.feather"))
    code = (
        "import os, sys, pyarrow.parquet, pyarrow.compute\n"
        "from stature.datafile.doctor import diagnose\n"
        "from stature.datafile.request import Reading\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        "assert diagnose(sys.argv[1], Reading()).command\n"
        "print(len(os.listdir('/proc/self/task')) - before)\n"
    )
    for name in ("people.parquet", "people.feather"):
        command = [sys.executable, "-c", code, str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout == "0\n"
