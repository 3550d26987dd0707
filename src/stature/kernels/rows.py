"""Sums over what was seen of people: log-likelihood, score and information of a mixture.

The compiled form of `stature.theory.observed.likelihood`; see there for the formulas.

Legend: K groups, p = 3 K - 1 coordinates, m rows; w weight; r responsibility; u coordinates. A
*part* is what a row says of one group, as in `stature.kernels.seen`.
"""

import math
from typing import NamedTuple

import numpy as np

from stature.arrays import Bools, Floats, Ints
from stature.kernels.compile import jit
from stature.kernels.exponential import exp
from stature.kernels.seen import PARTS, Groups, write_row

EVERYBODY, CUT, TOLD = 0, 1, 2  # who could be measured: everybody; those in a cell; as is told


class Sums(NamedTuple):
    """What the sums are written to."""

    value: Floats  # shape (1,): log-likelihood
    score: Floats  # shape (p,): its derivatives
    # shape (p, p): minus its second derivatives; those if groups and heights were known; products
    # of scores
    information: Floats
    completed: Floats
    outer: Floats
    posterior: Floats  # shape (m, k): probability of each group given each row


class Room(NamedTuple):
    """Sums of one kind, in progress."""

    total: Floats  # shape (1,): log-likelihood
    score: Floats  # shape (p,): the score, and that of one row
    own: Floats
    squares: Floats  # shape (p, p): products of the scores of rows
    # shape (k, 3): minus second derivatives, and products, of people of each group
    curved: Floats
    spread: Floats
    linear: Floats  # shape (k, 2): their scores, where they tell of the shares
    # shape (k,): people who tell of the shares; responsibilities of one row
    informed: Floats
    r: Floats


@jit
def add_row(
    parts: Floats, w: float, group: int, informs: bool, mixture: Groups, room: Room
) -> None:
    """Add one row to the sums; its score and responsibilities are left in `room`."""
    groups = parts.shape[0]
    r, own = room.r, room.own
    top = -np.inf
    for k in range(groups):
        r[k] = parts[k, 0] + (mixture.log_shares[k] if informs else 0.0)
        if (group < 0 or group == k) and not r[k] <= top:
            top = r[k]
    total = 0.0
    for k in range(groups):
        r[k] = exp(r[k] - top) if group < 0 or group == k else 0.0
        total += r[k]
    room.total[0] += w * (top + math.log(total))
    share = 1.0 / total
    for k in range(groups):
        r[k] *= share
        mass = w * r[k]
        mu, lam = groups - 1 + k, 2 * groups - 1 + k
        own[mu], own[lam] = r[k] * parts[k, 1] * mixture.units[k], r[k] * parts[k, 2]
        for c in range(3):
            room.spread[k, c] += mass * parts[k, 3 + c]
            room.curved[k, c] += mass * parts[k, 6 + c]
        if informs:
            room.informed[k] += mass
            room.linear[k, 0] += mass * parts[k, 1]
            room.linear[k, 1] += mass * parts[k, 2]
        if k < groups - 1:
            own[k] = r[k] - mixture.shares[k] if informs else 0.0
    for i in range(own.shape[0]):
        room.score[i] += w * own[i]
        for j in range(i + 1):
            room.squares[i, j] += w * own[i] * own[j]


@jit
def finish(mixture: Groups, room: Room, information: Floats, completed: Floats) -> None:
    """Add what was summed to the information, and to that of completed people."""
    groups = mixture.shares.shape[0]
    informed = 0.0
    for k in range(groups):
        informed += room.informed[k]
    for i in range(groups - 1):
        for j in range(i + 1):
            pi, pj = mixture.shares[i], mixture.shares[j]
            whole = informed * ((pi if i == j else 0.0) - pi * pj)
            completed[i, j] += whole
            information[i, j] += whole
            for k in range(groups):
                away = ((1.0 if i == k else 0.0) - pi) * ((1.0 if j == k else 0.0) - pj)
                information[i, j] -= room.informed[k] * away
    for k in range(groups):
        mu, lam = groups - 1 + k, 2 * groups - 1 + k
        unit = mixture.units[k]
        for i, j, c, scale in ((mu, mu, 0, unit * unit), (lam, mu, 1, unit), (lam, lam, 2, 1.0)):
            completed[i, j] += scale * room.curved[k, c]
            information[i, j] += scale * (room.curved[k, c] - room.spread[k, c])
        for i in range(groups - 1):
            away = (1.0 if i == k else 0.0) - mixture.shares[i]
            information[mu, i] -= away * room.linear[k, 0] * unit
            information[lam, i] -= away * room.linear[k, 1]
    for i in range(information.shape[0]):
        for j in range(i + 1):
            information[i, j] += room.squares[i, j]


@jit
def clear(room: Room) -> None:
    """Set all sums to zero."""
    room.total[:] = 0.0
    room.score[:] = 0.0
    room.squares[:] = 0.0
    room.curved[:] = 0.0
    room.spread[:] = 0.0
    room.linear[:] = 0.0
    room.informed[:] = 0.0


@jit
def sum_rows(
    u: Floats,
    lower: Floats,
    upper: Floats,
    weight: Floats,
    square: Floats,
    group: Ints,
    informs: Bools,
    freedom: float,
    constant: float,
    who: int,
    anybody: Floats,
    with_outer: bool,
    sums: Sums,
) -> None:
    """Log-likelihood, score and information of a mixture, in one pass over the rows."""
    groups, size = (u.shape[0] + 1) // 3, u.shape[0]
    log_shares = np.zeros(groups)
    log_shares[: groups - 1] = u[: groups - 1]
    top = log_shares.max()
    log_shares -= top + math.log(np.exp(log_shares - top).sum())
    means, log_sds = u[groups - 1 : 2 * groups - 1], u[2 * groups - 1 :]
    mixture = Groups(np.exp(log_shares), log_shares, means, np.exp(-log_sds), log_sds)
    room = Room(
        np.zeros(1),
        np.zeros(size),
        np.zeros(size),
        np.zeros((size, size)),
        np.zeros((groups, 3)),
        np.zeros((groups, 3)),
        np.zeros((groups, 2)),
        np.zeros(groups),
        np.zeros(groups),
    )
    parts = np.empty((groups, PARTS))
    information, completed, outer = sums.information, sums.completed, sums.outer
    information[:], completed[:], outer[:] = 0.0, 0.0, 0.0
    # Kinds of people: those of each group in a design that fixed how many they are, and the rest.
    chance = np.zeros((groups + 1, size))
    if who != EVERYBODY:
        people = np.zeros(groups + 1)
        for i in range(weight.shape[0]):
            people[groups if informs[i] else group[i]] += weight[i]
        if who == CUT:
            write_row(anybody[0, 0], anybody[0, 1], mixture, 0.0, 0.0, parts)
        else:
            parts[:] = anybody
        for kind in range(groups + 1):
            if people[kind] > 0.0:
                alone = kind == groups
                add_row(parts, -people[kind], -1 if alone else kind, alone, mixture, room)
                chance[kind] = room.own
        finish(mixture, room, information, completed)
        completed[:] = 0.0
    value = room.total[0]
    sums.score[:] = room.score
    clear(room)
    for i in range(weight.shape[0]):
        write_row(lower[i], upper[i], mixture, freedom, constant, parts)
        add_row(parts, weight[i], group[i], informs[i], mixture, room)
        for k in range(groups):
            sums.posterior[i, k] = room.r[k]
        if not with_outer:
            continue
        kind = groups if informs[i] else group[i]
        for j in range(size):
            for k in range(j + 1):
                away = (room.own[j] - chance[kind, j]) * (room.own[k] - chance[kind, k])
                outer[j, k] += square[i] * away
    finish(mixture, room, information, completed)
    sums.value[0] = value + room.total[0]
    sums.score[:] += room.score
    for i in range(size):
        for j in range(i):
            information[j, i] = information[i, j]
            completed[j, i] = completed[i, j]
            outer[j, i] = outer[i, j]
