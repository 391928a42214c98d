"""Properties that are reckoned once."""

from consumers.kept import kept


class Reckoner:
    def __init__(self) -> None:
        self.asked = 0

    @kept
    def answer(self) -> int:
        """The answer."""
        self.asked += 1
        return 42


def test_it_is_reckoned_when_it_is_first_asked_for_and_never_again() -> None:
    reckoner = Reckoner()
    assert reckoner.asked == 0
    assert (reckoner.answer, reckoner.answer) == (42, 42)
    assert reckoner.asked == 1


def test_each_instance_has_its_own() -> None:
    one, other = Reckoner(), Reckoner()
    assert one.answer == 42
    assert (one.asked, other.asked) == (1, 0)
