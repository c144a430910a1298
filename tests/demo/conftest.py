"""One small and one short demo merchant for all tests of this folder."""

from __future__ import annotations

import pytest

from engine.demo import DemoSettings, Merchant, make_merchant


@pytest.fixture(scope="package")
def merchant() -> Merchant:
    """Three years of 60 SKUs."""
    return make_merchant(DemoSettings(skus=60))


@pytest.fixture(scope="package")
def short() -> Merchant:
    """120 days of 30 SKUs."""
    return make_merchant(DemoSettings(skus=30, days=120))
