"""The judgement: gates and an exam in, a verdict out. Imported only by steps that judge, because it needs numpy."""

from governor.domain.judgement.judging import judge
from governor.domain.judgement.table import Beside, LabelScores, ModelScores, Scores, averages_of, scores_of

__all__ = ["Beside", "LabelScores", "ModelScores", "Scores", "averages_of", "judge", "scores_of"]
