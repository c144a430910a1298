"""The study of event uplift: the truth is that of the very world the workspace was made from."""

from engine.data.dataset import Dataset
from engine.demo import DemoSettings
from engine.demo.assortment import make_assortment
from engine.demo.goods_tables import skus_table
from engine.demo.world import Timeline, load_world
from experiments.event_uplift import is_of


def test_another_number_of_skus_is_another_world() -> None:
    settings = DemoSettings(skus=40, days=60)
    world, time = load_world(), Timeline.of(settings)
    dataset = Dataset({"skus": skus_table(settings, world, time, make_assortment(settings, world, time))}, "x")
    assert is_of(dataset, settings)
    assert not is_of(dataset, settings.model_copy(update={"skus": 60}))
