import numpy as np
import pytest

from models.response.forms import CARRIES, Form
from models.response.points import Points, closer_points, spread_points
from models.response.priors import CHANCES, Priors
from models.response.shape_prior import COLUMNS, CurvePrior

FORMS = (Form(), Form("delayed"), Form("auto", "logistic"))


def _belief(form: Form) -> CurvePrior:
    return Priors(forms={"ad": form}).shape_of("ad")


def _mean(belief: CurvePrior, points: Points) -> np.ndarray:
    weight = np.exp(points.log_weight - points.log_weight.max())
    return (weight / weight.sum()) @ points.place


@pytest.mark.parametrize("form", FORMS)
def test_weighted_points_stand_for_the_prior_wherever_they_lie(form: Form) -> None:
    belief = _belief(form)
    size, middle = belief.dimensions, (np.arange(20) + 0.5) / 20
    assert size == {"geometric": 3, "delayed": 4, "auto": 4}[form.carry]
    cube = np.stack(np.meshgrid(*[middle] * size, indexing="ij"), axis=-1).reshape(-1, size)
    weight = np.exp(belief.log_density(cube))
    truth = (weight / weight.sum()) @ cube
    spread = spread_points(belief, 2000, 1)
    assert _mean(belief, spread) == pytest.approx(truth, abs=0.01)
    corner = np.exp(-0.5 * (((spread.place - np.array([0.2, 0.6, 0.4, 0.5])[:size]) / 0.25) ** 2).sum(axis=1))
    assert _mean(belief, closer_points(belief, spread, corner, 4000, 2)) == pytest.approx(truth, abs=0.03)


def test_points_gather_where_the_posterior_is_and_never_leave_the_rest_empty() -> None:
    belief = _belief(Form())
    points = spread_points(belief, 200, 3)
    centre, many = np.array([0.3, 0.5, 0.9]), []
    for number in range(3):
        distance = ((points.place - centre) ** 2).sum(axis=1)
        mass = np.exp(-0.5 * distance / 0.01**2)
        many.append(np.exp(-(mass / mass.sum() * np.log(np.maximum(mass / mass.sum(), 1e-300))).sum()))
        points = closer_points(belief, points, mass / mass.sum(), 200, 4 + number)
    assert many[0] < 3.0 and many[2] > 15.0
    assert (((points.place - centre) ** 2).sum(axis=1) > 0.1).sum() > 20
    assert ((points.place >= 0) & (points.place <= 1)).all()


def test_mixed_kinds_hold_what_is_believed_of_each() -> None:
    mixed, places = _belief(Form("auto")), np.random.default_rng(5).random((40_000, 5))
    shapes = mixed.shapes(places)
    kind = shapes[:, COLUMNS.index("carry")]
    assert np.bincount(kind.astype(int)) / len(kind) == pytest.approx(CHANCES, abs=0.01)
    for place, carry in enumerate(CARRIES):
        own = _belief(Form(carry))
        cube = np.random.default_rng(6).random((40_000, own.dimensions))
        weight = np.exp(own.log_density(cube))
        for name in ("carryover", "lag_shape", "lag_weeks"):
            column = COLUMNS.index(name)
            believed = (weight / weight.sum()) @ own.shapes(cube)[:, column]
            assert shapes[kind == place, column].mean() == pytest.approx(believed, abs=0.03 * (1.0 + believed))
    assert (mixed.kinds(places) == kind).all()
