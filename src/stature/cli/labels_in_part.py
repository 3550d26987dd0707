"""Labels in part: what is said of a file in which some people have no label."""

from stature.cli.findings import Finding
from stature.cli.runs import AS_RECORDED, Runs
from stature.estimators.estimator import SeStatus


def unlabelled_sentences(runs: Runs) -> list[str]:
    """Say what becomes of the people without a label, and what that assumes.

    A sentence for each kind of estimator that is fitted; none where all have a label or nobody has
    one.
    """
    if not runs.in_part:
        return []
    count = runs.count_of(~runs.has_label)
    are_people = runs.weights is None or runs.in_cells
    one, more = ("person", "people") if are_people else ("row", "rows")
    them, are = (f"one {one}", "is") if count == 1 else (f"{count:.10g} {more}", "are")
    kinds = {estimator.model.labels for estimator in runs.estimators}
    sentences: list[str] = []
    if "all" in kinds:
        sentences.append(
            f"Where groups are seen, the {them} without a label {are} left out: means are right "
            "if, within a group, having a label has nothing to do with height, and shares if it "
            "has nothing to do with the group either."
        )
    if "recorded" in kinds:
        sentences.append(
            f"{AS_RECORDED.name} takes everybody, with the labels that there are. It assumes that "
            "labels are missing at random: among people of one height, whether the label is "
            "missing has nothing to do with the group."
        )
    if "none" in kinds:
        sentences.append("Where groups are hidden, everybody is taken and no label is looked at.")
    return sentences


def gain_sentence(labelled: Finding, everybody: Finding, unit: str) -> str:
    """Say what the heights without a label change."""
    names = labelled.estimator.name, everybody.estimator.name
    moved = "The heights without a label move the means by at most "
    moved += f"{furthest_cm(labelled, everybody):.2f}{unit} from {names[0]} to {names[1]}"
    if SeStatus.SINGULAR in (labelled.se_status, everybody.se_status):
        return f"{moved}."
    before, after = (
        max(one.estimates[group, "mean_cm"].std_error for group in one.group_names)
        for one in (labelled, everybody)
    )
    worth = f"the largest standard error of a mean from {before:.2f} to {after:.2f}{unit}"
    return f"{moved}, and {worth}."


def furthest_cm(first: Finding, second: Finding) -> float:
    """Largest difference of a mean between two findings."""
    return max(
        abs(first.estimates[group, "mean_cm"].value - second.estimates[group, "mean_cm"].value)
        for group in first.group_names
    )
