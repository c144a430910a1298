"""Master data of the goods: SKUs, bundles and gifts, listings, promotions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.demo.assortment import NEVER, Assortment
from engine.demo.frames import coded
from engine.demo.prices import FLASH_LEAD, PriceBook, sku_codes
from engine.demo.settings import DemoSettings
from engine.demo.world import Timeline, World

_DISPLAY_LEAD = 30


def skus_table(settings: DemoSettings, world: World, time: Timeline, goods: Assortment) -> pd.DataFrame:
    """The ``skus`` table; the end of a SKU is known only when it has been decided (120 days ahead)."""
    style = goods.style_of
    styles, skus = goods.styles.iloc[style], goods.skus
    brand = settings.rng("brands").choice(["云作", "拾野", "朴里"], len(goods.styles))
    category = styles["category"].astype(str).to_numpy()
    launch, end = styles["launch"].to_numpy(), styles["end"].to_numpy()
    decided = (end != NEVER) & (end < time.history + 120)
    entries = [world.book["categories"][name] for name in category]
    colour, size = skus["colour"].astype(str).to_numpy(), skus["size"].astype(str).to_numpy()
    names = [f"{brand[s]}{c} {s + 1:04d}款 {o} {z}" for s, c, o, z in zip(style, category, colour, size, strict=True)]
    ends = pd.Series(time.dates(np.where(decided, end - 1, 0))).where(decided)
    return pd.DataFrame(
        {
            "sku": coded(np.arange(len(skus)), sku_codes(goods)),
            "spu": pd.Categorical([f"S{number + 1:05d}" for number in style]),
            "name": pd.Categorical(names),
            "category": pd.Categorical(category, list(world.categories)),
            "brand": pd.Categorical(brand[style]),
            "product_line": pd.Categorical(np.where(np.isin(category, ["床品", "保温杯", "箱包"]), "居家", "服饰")),
            "role": pd.Categorical(styles["role"].to_numpy()),
            "colour": pd.Categorical(colour),
            "size": pd.Categorical(size),
            "launch_date": time.dates(launch),
            "end_date": ends.to_numpy(),
            "unit_cost_fen": np.round(styles["unit_cost"].to_numpy() * 100).astype(np.int64),
            "vat_rate": 0.13,
            "volume_m3": [float(entry["volume"]) for entry in entries],
            "weight_kg": [float(entry["kg"]) for entry in entries],
        }
    )


def bundles_table(time: Timeline, goods: Assortment) -> pd.DataFrame:
    """The ``bundles`` table: components of bundles, and gifts with their weeks."""
    parts, gifts = goods.bundles, goods.gifts
    start = np.concatenate([np.zeros(len(parts), dtype=int), gifts["start"].to_numpy(dtype=int)])
    end = np.concatenate([np.zeros(len(parts), dtype=int), gifts["end"].to_numpy(dtype=int)])
    gift = np.arange(len(start)) >= len(parts)
    codes = sku_codes(goods)
    return pd.DataFrame(
        {
            "bundle_sku": coded(np.concatenate([parts["bundle"], gifts["item"]]).astype(int), codes),
            "component_sku": coded(np.concatenate([parts["component"], gifts["gift"]]).astype(int), codes),
            "quantity": np.concatenate([parts["quantity"], np.ones(len(gifts), dtype=int)]).astype(np.int64),
            "kind": pd.Categorical(np.where(gift, "gift", "bundle"), ["bundle", "gift"]),
            "start": pd.Series(time.dates(start)).where(gift),
            "end": pd.Series(time.dates(end)).where(gift),
        }
    )


def listings_table(settings: DemoSettings, world: World, goods: Assortment) -> pd.DataFrame:
    """One platform id a SKU and channel, 12 to 19 digits, the last of which tell them apart."""
    row, channel = np.nonzero(goods.listed[goods.style_of])
    width = np.array([12, 14, 19, 12, 13])[channel % 5]
    noise = settings.rng("listings").integers(10**6, 10**7, len(row))
    ids = [f"{3 + c}{n}".ljust(w - 6, "0") + f"{r:06d}" for c, n, r, w in zip(channel, noise, row, width, strict=True)]
    return pd.DataFrame(
        {
            "channel": coded(channel, list(world.channels)),
            "platform_id": pd.Categorical(ids),
            "sku": coded(row, sku_codes(goods)),
            "quantity": np.int64(1),
        }
    )


def promotions_table(
    world: World, time: Timeline, goods: Assortment, prices: PriceBook, display: pd.DataFrame
) -> pd.DataFrame:
    """Flash sales and front-page places that had been announced by the last day, a row for each SKU."""
    flash = prices.flash.assign(kind="限时秒杀", lead=FLASH_LEAD)
    front = display.assign(kind="首页推荐", lead=_DISPLAY_LEAD, strength=1.0)
    both = pd.concat([flash, front], ignore_index=True).astype({"style": int, "channel": int, "start": int, "end": int})
    both["known"] = both["start"] - both["lead"]
    launch = goods.styles["launch"].to_numpy()[both["style"]]
    end = goods.styles["end"].to_numpy()[both["style"]]
    listed = goods.listed[both["style"], both["channel"]]
    both = both[(both["known"] < time.history) & listed & (launch <= both["start"]) & (both["end"] <= end)]
    by_style = pd.DataFrame({"style": goods.style_of, "sku": np.arange(len(goods.skus))})
    rows = both.merge(by_style, on="style").sort_values(["start", "sku", "channel", "kind"], kind="stable")
    return pd.DataFrame(
        {
            "start": time.dates(rows["start"].to_numpy()),
            "end": time.dates(rows["end"].to_numpy() - 1),
            "sku": coded(rows["sku"].to_numpy(), sku_codes(goods)),
            "channel": coded(rows["channel"].to_numpy(), list(world.channels)),
            "kind": pd.Categorical(rows["kind"]),
            "strength": rows["strength"].to_numpy(float),
            "known_at": time.dates(rows["known"].to_numpy()),
        }
    ).reset_index(drop=True)
