"""The demo shop's range: 120 products in ten categories with price, cost, stock, repeatability."""

from dataclasses import dataclass

import numpy as np

from shared.loading.demo.truth import SEED, VOICE

CATEGORIES = {
    "CB": "Coffee beans", "GC": "Ground coffee & pods", "TE": "Tea & infusions",
    "SY": "Syrups & plant drinks", "BR": "Brewing gear", "MG": "Machines & grinders",
    "CU": "Cups & glassware", "KI": "Kitchen tools", "PA": "Pantry & sweets",
    "CA": "Care & filters",
}  # fmt: skip
CONSUMED = {"CB", "GC", "TE", "SY", "PA", "CA"}
PRICE_ROSE = {"CB", "GC"}
MARGIN_LOW = {"CB": 0.38, "GC": 0.40, "TE": 0.52, "SY": 0.42, "BR": 0.45, "MG": 0.24, "CU": 0.55,
              "KI": 0.50, "PA": 0.40, "CA": 0.48}  # fmt: skip

OVERSTOCKED = ("CU-708", "KI-809", "TE-311", "BR-509", "PA-907")
OVERSTOCK = 14
SOLD_OUT = ("MG-605", "TE-313", "CU-702")

# Most wanted first in each category: popularity falls with the position.
RANGE = {
    "CB": """Harbour House Espresso 1 kg=21.90 Harbour House Espresso 250 g=6.90
        Pine Ridge Medium Roast 1 kg=20.90 Pine Ridge Medium Roast 250 g=6.50
        Lighthouse Dark Roast 1 kg=19.90 Brasil Cerrado 250 g=7.20 Colombia Huila 250 g=8.40
        Ethiopia Sidama 250 g=9.20 Kenya Nyeri AA 250 g=10.90 Guatemala Antigua 500 g=15.40
        Tidal Breakfast Blend 1 kg=18.90 Decaf Sumatra 250 g=7.90 Peru Cajamarca Organic 250 g=8.90
        Rwanda Nyamasheke 250 g=10.40 Costa Rica Honey Process 250 g=11.20
        Panama Boquete Microlot 200 g=19.50""",
    "GC": """Harbour House Ground 500 g=11.90 Filter Roast Ground 250 g=6.20
        Espresso Pods Classic 50 pieces=17.50 Espresso Pods Intense 50 pieces=17.90
        French Press Coarse Grind 250 g=6.60 Moka Grind 250 g=6.40 Decaf Ground 250 g=6.80
        Guji Filter Roast 250 g=9.90 Drip Bags Mixed 10 pieces=9.50 Instant Microground 80 g=7.40
        Compostable Pods Lungo 10 pieces=4.90 Turkish Fine Grind 250 g=6.90""",
    "TE": """Irish Breakfast 100 g=5.90 Earl Grey Bergamot 100 g=6.40 Rooibos Vanilla 100 g=5.50
        Ceremonial Matcha 30 g=17.90 Sencha Makinohara 100 g=8.90 Peppermint Leaf 60 g=4.50
        Masala Chai Loose 100 g=6.90 Camomile Blossom 50 g=4.70 Jasmine Pearls 50 g=9.80
        Darjeeling First Flush 100 g=12.90 Winter Spice Infusion 100 g=5.90
        Lemon Verbena 40 g=4.90 Pu-erh Tuo Cha 100 g=10.50""",
    "SY": """Oat Barista Drink 1 l=2.90 Almond Barista Drink 1 l=3.20 Vanilla Syrup 250 ml=7.50
        Hazelnut Syrup 250 ml=7.50 Crème Brûlée Syrup 250 ml=7.50 Cardamom Syrup 250 ml=7.90
        Chai Concentrate 1 l=10.90 Drinking Chocolate 70 % 300 g=8.90
        Elderflower Cordial 500 ml=6.80
        Skerry Cold Brew Concentrate 500 ml=12.50""",
    "BR": """French Press 1 l=34.90 Glass Pour-over Dripper=22.90 Moka Pot 6 cups=32.50
        Pipit Travel Press=29.90 Gooseneck Kettle 0.9 l=58.00 Electric Kettle with Thermostat=89.00
        Coffee Scale with Timer=44.90 Cold Brew Jug 1.2 l=36.50 Syphon Brewer=79.00
        Milk Frother Handheld=14.90 Stainless Milk Jug 350 ml=17.90 Tamper 58 mm=27.50
        Dosing Funnel 58 mm=16.90 Tea Infuser Basket=9.90 Cast Iron Teapot 0.8 l=46.00""",
    "MG": """Hand Grinder Steel=64.90 Electric Burr Grinder=139.00 Grinder Pro 40 mm=289.00
        Espresso Machine Compact=349.00 Espresso Machine Dual Boiler=1249.00
        Filter Machine Thermal 1 l=179.00 Pod Machine Mini=99.00 Milk Frother Induction=119.00
        Bean to Cup Machine=699.00""",
    "CU": """Stoneware Mug Slate=13.90 Stoneware Mug Sand=13.90 Espresso Cup Set of 4=28.50
        Cappuccino Cup Set of 2=24.90 Double Wall Glass Set of 2=21.90 Travel Mug 350 ml=26.50
        Latte Glass Set of 4=19.90 Café au Lait Bowl=16.50 Enamel Mug Pine Green=11.90
        Carafe with Cork 1 l=23.90 Water Glass Set of 6=18.50 Thermos Flask 1 l=38.90
        Matcha Bowl=19.50""",
    "KI": """Linen Tea Towel Set of 2=15.90 Beech Wooden Spoon Set=12.50 Bread Knife 20 cm=34.90
        Paring Knife 9 cm=18.90 Oak Chopping Board=42.00 Canister Airtight 1.2 l=22.50
        Measuring Cup Steel Set=14.50 Silicone Spatula=7.90 Salad Servers Olive Wood=19.90
        Pepper Mill Beech=29.50 Cast Iron Skillet 24 cm=54.00 Digital Thermometer=16.90""",
    "PA": """Sea Salt Caramels 150 g=6.50 Lemon Shortbread 180 g=4.90 Acacia Honey 250 g=7.90
        Dark Chocolate Almonds 200 g=7.20 Almond Cantuccini 200 g=5.40 Granola Hazelnut 400 g=6.90
        Rhubarb Jam 220 g=4.80 Oat Cookies 160 g=3.90 Gift Hamper Small=29.90
        Gift Hamper Large=64.90
        Espresso Chocolate Bar 70 g=3.50 Peanut Brittle 120 g=4.20""",
    "CA": """Water Filter Cartridge=8.90 Paper Filters No. 4 100 pieces=4.50 Descaler 500 ml=9.90
        Pipit Micro Filters 200 pieces=6.90 Grinder Cleaning Tablets=12.90
        Espresso Machine Cleaner 250 g=11.50 Group Head Brush=8.50 Microfibre Cloth Set=6.90""",
}


@dataclass(frozen=True)
class Catalogue:
    """One entry per product in each sequence; prices are those before the price rise, in euros."""

    product_id: tuple[str, ...]
    name: tuple[str, ...]
    category: tuple[str, ...]
    price: tuple[float, ...]
    unit_cost: tuple[float, ...]
    stock: tuple[int, ...]
    repeatable: tuple[bool, ...]

    def position(self, product_id: str) -> int:
        """Return where a product stands in the sequences."""
        return self.product_id.index(product_id)


def build_catalogue() -> Catalogue:
    """Give the range its numbers, and draw a cost and a stock for each product."""
    rng = np.random.default_rng([SEED, 1])
    rows = []
    for number, (code, text) in enumerate(RANGE.items(), start=1):
        for place, (name, price) in enumerate(_entries(text), start=1):
            share = 1 - MARGIN_LOW[code] - 0.12 * rng.random()
            stock = int(rng.integers(5, 60) * (8 if code in CONSUMED else 1))
            product_id = f"{code}-{100 * number + place}"
            stock *= OVERSTOCK if product_id in OVERSTOCKED else product_id not in SOLD_OUT
            rows.append((product_id, name, code, price,
                         round(price * share, 2), stock, code in CONSUMED))  # fmt: skip
    return Catalogue(*(tuple(column) for column in zip(*rows, strict=True)))


def prices_on(catalogue: Catalogue, *, after_rise: bool) -> np.ndarray:
    """Return the list prices before or after coffee became dearer, then in steps of 10 cents."""
    price = np.array(catalogue.price)
    risen = np.array([code in PRICE_ROSE for code in catalogue.category])
    dearer = np.round(price * (1 + VOICE.price_rise), 1)
    return np.where(risen, dearer, price) if after_rise else price


def _entries(text: str) -> list[tuple[str, float]]:
    """Split "Name one=1.20 Name two=3.40" where a price ends an entry."""
    entries, words = [], []
    for word in text.split():
        *head, tail = word.split("=")
        words.append(head[0] if head else tail)
        if head:
            entries.append((" ".join(words), float(tail)))
            words = []
    return entries
