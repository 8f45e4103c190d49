"""A worker is started with an interpreter that works and an environment without secrets."""

import os
import sys

import pytest

from r1rewards.workers import WorkerPool, launch


def test_environment_is_an_allow_list(monkeypatch):
    """Tokens stay behind; locale and path come along; numerics run on one thread."""
    monkeypatch.setenv("HF_TOKEN", "secret")
    monkeypatch.setenv("PYTHONSTARTUP", "evil.py")
    monkeypatch.setenv("LC_NUMERIC", "C")
    found = launch.environment()
    assert "HF_TOKEN" not in found
    assert "PYTHONSTARTUP" not in found
    assert found["LC_NUMERIC"] == "C"
    assert found["PATH"] == os.environ["PATH"]
    assert found["OMP_NUM_THREADS"] == found["OPENBLAS_NUM_THREADS"] == found["MKL_NUM_THREADS"] == "1"


@pytest.mark.parametrize("odd", ["", None, "/usr/sbin/uwsgi", "/nowhere/python3"])
def test_odd_executable(monkeypatch, odd):
    """Where Python is embedded, sys.executable is empty or another program: a worker starts all the same."""
    monkeypatch.setattr(sys, "executable", odd)
    monkeypatch.setattr(sys, "_base_executable", odd, raising=False)
    with WorkerPool("targets:echo", workers=1) as pool:
        assert pool.run(["x"])[0].value == "x"


def test_odd_module_path(monkeypatch):
    """Entries of sys.path that are no strings do not stop a worker."""
    monkeypatch.setattr(sys, "path", [None, 3, *sys.path])
    with WorkerPool("targets:echo", workers=1) as pool:
        assert pool.run(["x"])[0].value == "x"
