"""Rewards that compare the rows of a group, behind doors that are given whole groups and doors that are not."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import httpx
import pytest

from r1rewards import Rubric
from r1rewards.errors import UsageError
from r1rewards.rewards.length import LengthReward
from r1rewards.service.app import Service
from r1rewards.service.settings import ServiceSettings
from r1rewards.trainers.areal import AReaLReward
from r1rewards.trainers.easyr1 import easyr1_reward
from r1rewards.trainers.nemo_gym import NemoGymVerifier
from r1rewards.trainers.openrlhf import OpenRLHFReward
from r1rewards.trainers.slime import slime_reward
from r1rewards.trainers.verifiers import verifiers_reward
from r1rewards.trainers.verl import verl_reward

GROUPS = Rubric(["exact", LengthReward(mode="kimi", correct="score:exact", unit="words")])


@pytest.mark.parametrize("door", [verl_reward, OpenRLHFReward, AReaLReward, verifiers_reward, NemoGymVerifier])
def test_rows_that_are_compared_do_not_come_one_by_one(door):
    """Law: a reward that compares a group's rows is refused where a row would meet whoever happens to be there."""
    with pytest.raises(UsageError, match="compares the rows that are alike in 'group'"):
        door(GROUPS, unscored=0.0)


def test_rows_that_are_compared_come_in_groups():
    """Law: doors that are given whole groups compare these rows and no others."""
    texts = ["Paris", "Paris it is", "Paris it is of course"]
    given = [{"response": text, "ground_truth": "Paris", "group": 1} for text in texts]
    said = easyr1_reward(GROUPS, unscored=0.0)(given)
    expected = [0.5, 0.0, -0.5]
    assert [one["length_reward"] for one in said] == expected
    rm = slime_reward(GROUPS, unscored=0.0)
    group = [SimpleNamespace(response=text, label="Paris", metadata={"group": 1}) for text in texts]
    keyed = SimpleNamespace(reward_key="score")
    said = asyncio.run(rm(keyed, group))
    assert [one["length_reward"] for one in said] == expected
    with pytest.raises(UsageError, match="--group-rm"):
        asyncio.run(rm(keyed, group[0]))


def test_requests_are_not_compared_with_one_another():
    """Law: at the service the rows of a request are compared with one another and with no other request's."""
    service = Service(GROUPS, ServiceSettings(unscored=0.0))
    rows = [{"completion": text, "ground_truth": "Paris", "group": 1} for text in ("Paris", "Paris it is")]
    others = [{"completion": "Paris " + "x " * 50, "ground_truth": "Paris", "group": 1}] * 2

    async def ask():
        transport = httpx.ASGITransport(service)
        async with httpx.AsyncClient(transport=transport, base_url="http://scorer") as client:
            asked = [client.post("/v1/score", json={"rows": some}) for some in [rows, others] * 20]
            said = await asyncio.gather(*asked)
            one = await client.post("/slime", json={"response": "Paris", "label": "Paris", "group": 1})
            return [[row["rewards"]["length"] for row in one.json()["rows"]] for one in said], one

    said, one = asyncio.run(ask())
    service.close()
    assert said == [[0.5, -0.5], [0.0, 0.0]] * 20
    assert (one.status_code, one.json()["error"]["kind"]) == (422, "UsageError")
