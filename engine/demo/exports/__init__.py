"""The demo merchant's tables as platforms and ERP systems export them."""

from engine.demo.exports.write import write_exports

__all__ = ["write_exports"]
