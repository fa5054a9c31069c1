"""Rows that tell most about the terms of a law: a Bayesian D-optimal design by exchange.

The determinant of X'X + R is as large as exchanging rows makes it, so that the volume of what coefficients may be is as
small as that. Linear terms are to be estimated, square roots of weights only as far as rows are left for it: R holds 1
for each root, scaled as in DuMouchel and Jones 1994 (Technometrics 36, 37-47), and next to nothing for linear terms. So
fewer runs than terms are no obstacle, and rows lie where laws curve too, not only as far apart as they can.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from trainer.mixture.arrays import Floats
from trainer.mixture.designing.features import directions, flat

NEARLY_NOTHING = 1e-6
"""Prior precision of linear terms: keeps X'X + R from being singular while there are fewer rows than terms."""
PASSES = 20
"""Through all rows, at most; exchanging mostly ends long before."""
BETTER = 1e-9
"""By which the logarithm of the determinant must grow for an exchange."""
STRAIGHT = 1e-12
"""Range of a root beyond linear terms up to which it is one: of a weight that never varies."""
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass
class _Information:
    """(X'X + R)^-1, and the variance of every candidate by it, kept up to date row by row."""

    terms_CT: Floats
    """Of the candidates."""
    prior_T: Floats
    inverse_TT: Floats
    variance_C: Floats

    @classmethod
    def of(cls, terms_CT: Floats, prior_T: Floats, rows_NT: Floats) -> "_Information":
        inverse_TT = np.linalg.inv(rows_NT.T @ rows_NT + np.diag(prior_T)).astype(np.float64, copy=False)
        variance_C: Floats = np.einsum("ct,tu,cu->c", terms_CT, inverse_TT, terms_CT, optimize=True)
        return cls(terms_CT, prior_T, inverse_TT, variance_C)

    def update(self, row_T: Floats, sign: int) -> None:
        """Put a row in (1) or take it out (-1), by Sherman and Morrison's formula."""
        change_T = self.inverse_TT @ row_T
        scale = sign / (1 + sign * float(row_T @ change_T))
        self.inverse_TT -= scale * np.outer(change_T, change_T)
        self.variance_C -= scale * (self.terms_CT @ change_T) ** 2


def choose_d_optimal(candidates_CPK: Floats, there_NPK: Floats, count: int) -> Floats:
    """`count` of the candidates (count, P, K), each once, the best that exchange finds beside the rows that are there.

    Candidates must be more than `count`, differ from one another and from what is there.
    """
    terms_CT, terms_NT, prior_T = _terms(candidates_CPK, there_NPK)
    information = _Information.of(terms_CT, prior_T, terms_NT)
    chosen: list[int] = []
    free_C = np.ones(len(terms_CT), np.bool_)
    for _ in range(count):  # greedily first
        _put_in(information, free_C, chosen)
    for _ in range(PASSES):
        information = _Information.of(terms_CT, prior_T, np.concatenate([terms_NT, terms_CT[chosen]]))
        if not _exchange(information, free_C, chosen):
            break
    return candidates_CPK[chosen]


def _put_in(information: _Information, free_C: Flags, chosen: list[int]) -> int:
    """The free candidate that is known worst: it raises the determinant most, by 1 + its variance."""
    best = int(np.argmax(np.where(free_C, information.variance_C, -np.inf)))
    information.update(information.terms_CT[best], 1)
    free_C[best] = False
    chosen.append(best)
    return best


def _exchange(information: _Information, free_C: Flags, chosen: list[int]) -> bool:
    """Take every chosen row out once and put the best one in; whether any was another."""
    changed = False
    for out in tuple(chosen):
        information.update(information.terms_CT[out], -1)
        variance_C = np.where(free_C, information.variance_C, -np.inf)
        best = int(np.argmax(variance_C))
        if np.log1p(variance_C[best]) > np.log1p(information.variance_C[out]) + BETTER:
            chosen[chosen.index(out)] = best
            free_C[out], free_C[best] = True, False
            changed = True
        else:
            best = out
        information.update(information.terms_CT[best], 1)
    return changed


def _terms(candidates_CPK: Floats, there_NPK: Floats) -> tuple[Floats, Floats, Floats]:
    """Terms of the candidates and of the rows that are there, and the prior precision of each term.

    Roots are what linear terms leave of them over the candidates, divided by their range.
    """
    linear_CF, linear_NF = flat(candidates_CPK), flat(there_NPK)
    basis_FR = directions(linear_CF)
    linear_CR, linear_NR = linear_CF @ basis_FR, linear_NF @ basis_FR
    along_RF = np.linalg.lstsq(linear_CR, np.sqrt(linear_CF), rcond=None)[0]
    rest_CF, rest_NF = np.sqrt(linear_CF) - linear_CR @ along_RF, np.sqrt(linear_NF) - linear_NR @ along_RF
    range_F = np.ptp(rest_CF, axis=0)
    curved_F = range_F > STRAIGHT
    scale_F = np.where(curved_F, range_F, 1.0)
    prior_T = np.concatenate([np.full(linear_CR.shape[1], NEARLY_NOTHING), np.ones(int(curved_F.sum()))])
    return (
        np.concatenate([linear_CR, (rest_CF / scale_F)[:, curved_F]], axis=1),
        np.concatenate([linear_NR, (rest_NF / scale_F)[:, curved_F]], axis=1),
        prior_T,
    )
