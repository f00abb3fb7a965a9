"""The command that tries the policy: it goes on where it was stopped, with the code that began."""

from dataclasses import fields
from pathlib import Path

import numpy as np

from bench.policy import code_version, run_kept
from ml.simulation import running
from ml.simulation.running import Task, plan_tasks


def test_what_was_run_is_read_again_as_it_was(tmp_path, monkeypatch):
    for policy in ("rule", "held out"):
        task = Task("null", policy, 3, 60, 3)
        told, seconds = run_kept(task, tmp_path)
        with monkeypatch.context() as patched:
            patched.setattr(running, "run_task", None)
            again, seconds_again = run_kept(task, tmp_path)
        assert (again.task, seconds_again) == (told.task, seconds)
        for field in fields(told)[1:]:
            np.testing.assert_array_equal(getattr(again, field.name), getattr(told, field.name))
    assert len(list(tmp_path.iterdir())) == 2


def test_other_code_begins_anew(tmp_path):
    before = code_version(tmp_path)
    folder = tmp_path / "ml"
    folder.mkdir()
    Path(folder / "rules.py").write_text("x = 1\n")
    first = code_version(tmp_path)
    Path(folder / "rules.py").write_text("x = 2\n")
    assert len({before, first, code_version(tmp_path)}) == 3


def test_seeds_may_begin_anywhere():
    tasks = plan_tasks(("fatigued",), range(100, 102), 10, 2)
    assert sorted({task.seed for task in tasks}) == [100, 101]
    assert {task.policy for task in tasks} == {"policy", "rule", "all", "none", "oracle"}
