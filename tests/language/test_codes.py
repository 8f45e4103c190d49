"""Codes and names of languages: what people write, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1rewards.errors import OptionError
from r1rewards.language.codes import known_languages, language_code, meant_by
from r1rewards.language.langdetect_package import read_profiles


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("en-US", "en"),
        ("pt_BR", "pt"),
        ("German", "de"),
        (" french ", "fr"),
        ("zh", "zh"),
        ("Chinese", "zh"),
        ("zh-cn", "zh-cn"),
        ("zh-Hans", "zh-cn"),
        ("zh-Hant-HK", "zh-tw"),
        ("zh_TW", "zh-tw"),
        ("Traditional Chinese", "zh-tw"),
        ("nb", "no"),
        ("fil", "tl"),
    ],
)
def test_what_people_write_is_understood(written, code):
    """Law: codes with regions and scripts, and English names, mean the language that they name."""
    assert language_code(written) == code


@pytest.mark.parametrize("written", ["", "xx", "klingon", "e", "eng-lish", "\ud800", "de" * 10_000])
def test_what_is_no_language_is_refused_with_the_list(written):
    """Law: an unknown code is an `OptionError` that lists the known ones."""
    with pytest.raises(OptionError, match=r"known: af, .*zh-tw"):
        language_code(written)


def test_every_language_of_langdetect_is_known():
    """Law: no language of the profiles is missing, and either form of Chinese is Chinese."""
    assert len(known_languages()) >= 55
    names = (
        "af ar bg bn ca cs cy da de el en es et fa fi fr gu he hi hr hu id it ja kn ko lt lv mk ml mr ne nl no pa pl "
        "pt ro ru sk sl so sq sv sw ta te th tl tr uk ur vi zh-cn zh-tw"
    )
    theirs = names.split()
    assert len(theirs) == 55
    assert set(theirs) <= set(known_languages())
    assert set(read_profiles(theirs)) == set(theirs)
    assert meant_by("zh") == ("zh-cn", "zh-tw")


@given(st.text(max_size=30))
def test_any_text_is_a_code_or_refused(written):
    """Law: nothing else than `OptionError` is raised, and a code is its own code."""
    try:
        code = language_code(written)
    except OptionError:
        return
    assert language_code(code) == code
