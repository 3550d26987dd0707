"""`stature new`: a folder with a small study, in which Snakemake runs."""

from pathlib import Path

from stature.cli.terminal import refuse
from stature.provenance import study_files
from stature.writing import WriteError, write_text

SUCCESS = 0


def run_new(folder: str) -> int:
    """Write a study into a folder, where none of its files is there."""
    source, target = study_files(), Path(folder)
    begin, profile = source / "new", source / "profiles/default/profile.yaml"
    files = {path.relative_to(begin): path for path in begin.rglob("*") if path.is_file()}
    files[profile.relative_to(source)] = profile
    there = sorted(str(target / name) for name in files if (target / name).exists())
    try:
        if there:
            words = "there already; name a new folder, or remove what is in the way"
            raise WriteError(f"{', '.join(there)}: {words}")
        for name, path in sorted(files.items()):
            write_text(target / name, path.read_text(encoding="utf-8"))
    except WriteError as error:
        return refuse("new", error)
    print(f"A small study is in {folder}. What to do with it:")
    print(f"  cd {folder}\n  stature plan\n  snakemake --cores 2")
    print("Its question is in config/config.yaml; its page will be results/first/report.html.")
    return SUCCESS
