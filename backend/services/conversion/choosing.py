"""What of a conversion is written and what of it is recorded as applied; refused where that is not clear."""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.errors import Conflict, InvalidRequest
from backend.models.conversion import (
    AppliedThere,
    Conversion,
    ConversionNote,
    ConvertedFile,
    ConvertRunRequest,
)

from .model import There


def chosen_of(look: Conversion, request: ConvertRunRequest) -> list[ConvertedFile]:
    unknown = set(request.leave_out) - {one.key for one in look.files}
    if unknown:
        raise InvalidRequest(f"There is no migration {sorted(unknown)[0][:200]!r} in the folder.")
    chosen = [one for one in look.files if one.key not in request.leave_out]
    if not chosen:
        raise InvalidRequest("There is nothing to convert.", hint="Look at what could not be carried over.")
    bad = [one for one in chosen if one.problems]
    if bad:
        first = bad[0].problems[0]
        where = first.file + (f", line {first.line}" if first.line else "")
        raise InvalidRequest(
            f"{len(bad)} of {len(chosen)} migrations cannot be converted. {where}: {first.message}",
            hint="Mend them, or leave them out.",
            files=[one.files[0] for one in bad],
        )
    taken = [one.filename for one in chosen if one.state == "taken"]
    if taken:
        raise Conflict(
            f"{taken[0]} is taken by another file in the migrations folder.",
            hint="Convert into an empty folder, or leave it out.",
            files=taken,
        )
    return chosen


def applied_of(
    look: Conversion, chosen: Sequence[ConvertedFile], request: ConvertRunRequest
) -> tuple[list[ConvertedFile], list[ConversionNote]]:
    """Those to record, and what to say. Raises where it is not clear what is applied."""
    if not request.baseline:
        return [], []
    there = look.there
    if there is not None and there.problem is not None:
        raise Conflict(
            f"What is applied in the database is not known: {there.problem}",
            hint="Mend that, or convert without marking what is applied there (`baseline` false).",
        )
    failed = [one for one in chosen if one.status == "failed"]
    if failed and request.failed_as is None:
        raise Conflict(
            f"{', '.join(one.files[0] for one in failed[:5])} did not end well by {there.table if there else 'their table'}.",
            hint="Look at the database, then say whether it counts as applied or as pending (`failed_as`).",
            files=[one.files[0] for one in failed],
        )
    wanted = {"applied", "failed"} if request.failed_as == "applied" else {"applied"}
    applied = [one for one in chosen if one.status in wanted]
    last = max((look.files.index(one) for one in applied), default=-1)
    between = [one for one in chosen if one not in applied and look.files.index(one) < last]
    return applied, [
        ConversionNote(file=one.files[0], message="It is pending, and later ones are applied.")
        for one in between
    ]


def set_status(files: Sequence[ConvertedFile], state: There | None, there: AppliedThere | None) -> None:
    if there is None or there.problem is not None:
        return
    for one in files:
        if state is None:
            one.status = "pending"
        elif one.key in state.failed:
            one.status = "failed"
        else:
            one.status = "applied" if one.key in state.applied else "pending"


def left_out_of(look: Conversion, request: ConvertRunRequest) -> list[ConversionNote]:
    return [
        ConversionNote(file=one.files[0], message="It was left out by choice.")
        for one in look.files
        if one.key in request.leave_out
    ]
