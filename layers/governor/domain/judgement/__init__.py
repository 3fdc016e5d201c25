"""The judgement: gates and an exam in, a verdict out. Imported only by steps that judge, because it needs numpy."""

from governor.domain.judgement.judge import judge
from governor.domain.judgement.table import LabelScores, ModelScores, Scores, scores_of

__all__ = ["LabelScores", "ModelScores", "Scores", "judge", "scores_of"]
