"""What to buy, when and where."""

from engine.replenishment.plan import plan_orders
from engine.replenishment.settings import ReplenishSettings, SupplyDefaults

__all__ = ["ReplenishSettings", "SupplyDefaults", "plan_orders"]
