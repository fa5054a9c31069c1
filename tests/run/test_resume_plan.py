"""What a run says of the work it finds done."""

from workshop import Workshop, many


def test_a_first_run_finds_nothing(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(20, 1))
    workshop.write("right/b.tsv", many(20, 2))

    assert workshop.run().splitlines()[:2] == [f"output: {workshop.out}", "nothing is finished yet"]


def test_a_rerun_says_what_is_finished_and_what_belongs_to_another_recipe(workshop: Workshop) -> None:
    """Another rule changes the decisions and what follows, not what was extracted and measured."""
    workshop.write("left/a.tsv", many(20, 1))
    workshop.write("right/b.tsv", many(20, 2))
    workshop.run()

    finished, outdated = workshop.run("domains.english.rules.0.max=77").splitlines()[1:3]
    assert finished == (
        "shards finished before, not done again where input and output are as they were: extract 2, measure 2, look 2"
    )
    assert outdated.startswith("shards of another recipe or version, done again: decide 2, gather 2, pack ")
