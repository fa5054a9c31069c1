"""What can be wrong with an experiment whose keys and types are right, found before a byte is read."""

from datapipe.loading.located_yaml import LocatedYaml, suggest
from trainer.mixture.experiment import Experiment


def check_experiment(experiment: Experiment, document: LocatedYaml) -> None:
    """Refuse what contradicts itself. Raises RecipeError at the first place that does."""
    for name, group in experiment.groups.items():
        for number, component in enumerate(group.of):
            possible = experiment.components or experiment.sizes
            if possible and component not in possible:
                raise document.error(("groups", name, "of", number), suggest(component, possible))
