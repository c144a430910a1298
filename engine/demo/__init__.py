"""A demo merchant with a known truth: tables in our contract, and the laws that made them kept apart."""

from engine.demo.merchant import Merchant, make_merchant
from engine.demo.settings import DemoSettings

__all__ = ["DemoSettings", "Merchant", "make_merchant"]
