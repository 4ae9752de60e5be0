"""What a pair is worth to a model: the implicit reward margin of direct preference optimisation.

Rafailov et al., "Direct Preference Optimization", 2023, section 4: the reward of an answer is β·log(π/π_ref).
"""

from __future__ import annotations


def implicit_margin(policy: tuple[float, float], reference: tuple[float, float], beta: float) -> float:
    """Return β·[(log π − log π_ref)(chosen) − (log π − log π_ref)(rejected)].

    ``policy`` and ``reference`` are the log-likelihoods (chosen, rejected), in nats, of whole answers with their end
    mark. Above 0 the policy prefers the chosen answer more than the reference does.
    """
    return beta * ((policy[0] - reference[0]) - (policy[1] - reference[1]))
