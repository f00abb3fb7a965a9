"""How much a text resembles what a skill is described as: the TF-IDF cosine of its likest sentence."""

import re
from collections import Counter

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from ml.suggesting.catalogue import Catalogue

MOST_TERMS = 60_000
MOST_SENTENCES = 60  # of one text
SENTENCE = re.compile(r"[\n;•]+|[.!?]\s")


class Similarity:
    """TF-IDF over the skills' names, aliases and descriptions.

    Parameters
    ----------
    catalogue : at least one skill.

    Notes
    -----
    Sublinear term frequencies, words and pairs of words, English stop words left out; vectors of length one. A word
    that no skill knows lengthens a sentence as the rarest of words would: else a sentence of which one word is known
    would be all about that word.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        documents = [
            " ".join([labels[0]] * 3 + list(labels[1:]) + [description])
            for labels, description in zip(catalogue.labels, catalogue.descriptions, strict=True)
        ]
        self.vectoriser = TfidfVectorizer(
            sublinear_tf=True, ngram_range=(1, 2), stop_words="english", max_features=MOST_TERMS, dtype=np.float32,
            norm=None,
        )  # fmt: skip
        try:
            self.skills = normalize(self.vectoriser.fit_transform(documents))
        except ValueError:  # nothing but stop words
            self.skills = None
        self.analyse = self.vectoriser.build_analyzer()
        self.known = self.vectoriser.vocabulary_ if self.skills is not None else {}
        self.size = len(documents)
        self.rarest = np.log(1 + self.size) + 1  # the weight of a word that no document has

    def of(self, text: str) -> np.ndarray:
        """The cosine with each skill, 0–1, float32, in the catalogue's order."""
        sentences = [part for part in SENTENCE.split(text) if part.strip()][:MOST_SENTENCES]
        if self.skills is None or not sentences:
            return np.zeros(self.size, dtype=np.float32)
        vectors = self.vectoriser.transform(sentences)
        known = np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel()
        lengths = np.sqrt(known + [self._strange(sentence) for sentence in sentences])
        products = np.asarray((vectors @ self.skills.T).todense(), dtype=np.float32)
        return (products / np.maximum(lengths, 1e-9)[:, None]).max(axis=0).astype(np.float32)

    def _strange(self, sentence: str) -> float:
        """What the words that no skill knows add to the square of a sentence's length."""
        terms = Counter(self.analyse(sentence))
        strange = [number for term, number in terms.items() if " " not in term and term not in self.known]
        return float(sum(((1 + np.log(number)) * self.rarest) ** 2 for number in strange))
