"""How much a text resembles what a skill is described as: the cosine of their TF-IDF weights."""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from ml.suggesting.catalogue import Catalogue

MOST_TERMS = 60_000
BATCH = 256


class Similarity:
    """TF-IDF over the skills' names, aliases and descriptions.

    Parameters
    ----------
    catalogue : at least one skill.

    Notes
    -----
    Sublinear term frequencies, words and pairs of words, English stop words left out; vectors of length one.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        documents = [
            " ".join([labels[0]] * 3 + list(labels[1:]) + [description])
            for labels, description in zip(catalogue.labels, catalogue.descriptions, strict=True)
        ]
        self.vectoriser = TfidfVectorizer(
            sublinear_tf=True, ngram_range=(1, 2), stop_words="english", max_features=MOST_TERMS, dtype=np.float32
        )
        try:
            self.skills = self.vectoriser.fit_transform(documents)
        except ValueError:  # nothing but stop words
            self.skills = None
        self.size = len(documents)

    def of(self, text: str) -> np.ndarray:
        """The cosine with each skill, 0–1, float32, in the catalogue's order."""
        if self.skills is None:
            return np.zeros(self.size, dtype=np.float32)
        return np.asarray((self.skills @ self.vectoriser.transform([text]).T).todense(), dtype=np.float32).ravel()
