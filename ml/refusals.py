"""Why a model file is not used, each reason by its own name."""


class ArtefactRefused(ValueError):
    """A model file that will not be used."""


class MissingArtefact(ArtefactRefused):
    """There is no such file, or it is larger than any model of ours."""


class DigestMismatch(ArtefactRefused):
    """The file is not the one whose digest was recorded."""


class UnreadableArtefact(ArtefactRefused):
    """The file has the right digest but not the form of an artefact."""


class VersionMismatch(ArtefactRefused):
    """Written by other versions of the format, the features, scikit-learn or skops."""


class FeaturesComputedDifferently(ArtefactRefused):
    """The feature function no longer computes what it computed when the model learned, under the same names."""


class WrongKind(ArtefactRefused):
    """A model of another kind than was asked for."""


class ForeignType(ArtefactRefused):
    """The archive names a type that is not on the pinned list."""


class GoldenRowsDisagree(ArtefactRefused):
    """The loaded model does not predict what it predicted when it was saved."""
