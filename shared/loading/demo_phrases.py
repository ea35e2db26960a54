"""What the demo shop's customers write: sentences by topic and mood, in three languages."""

# Topic -> mood (-2 worst … +2 best) -> sentences. {item} is the product, {days} a small number.
TOPIC_SENTENCES: dict[str, dict[int, tuple[str, ...]]] = {
    "logistics": {
        -2: (
            "My parcel never arrived and nobody answers.",
            "Delivery took {days} days longer than promised and the box was soaked.",
            "Still waiting for my order after {days} days, tracking has not moved at all.",
            "The courier left the parcel in the rain and the {item} was ruined.",
            "Terrible delivery, {days} days late and the box was crushed.",
            "The package got lost and I had to chase the carrier myself.",
            "Paid for express and it still came {days} days late. Awful.",
            "Half of the parcel was missing when it finally arrived.",
            "Parcel was sent back to the warehouse without any notice, useless courier.",
        ),
        -1: (
            "Delivery was slow, {days} days for a small parcel.",
            "The {item} is fine but the shipping took far too long.",
            "The box arrived dented, not what I expect from this shop.",
            "Tracking said delivered, but it came two days later.",
            "Shipping was late again, which is annoying.",
            "The parcel wasn’t packed well and one thing was damaged.",
        ),
        1: (
            "Delivery was quick and the box was tidy.",
            "Arrived on time and well packed.",
            "Good shipping, {days} days and no damage.",
            "The parcel came sooner than expected.",
        ),
        2: (
            "Super fast delivery, it was here the next day!",
            "Beautifully packed and delivered a day early, brilliant.",
            "Excellent delivery, the courier was friendly and on time.",
            "Perfect shipping, everything arrived safe and sound.",
        ),
    },
    "production": {
        -2: (
            "The {item} broke after two days.",
            "The beans were stale and tasted burnt, very disappointing.",
            "Awful taste, I threw the {item} away.",
            "The lid leaks everywhere, terrible quality.",
            "The {item} arrived with a crack, poor workmanship.",
            "It tastes bitter and artificial, the worst I have bought here.",
            "Cheap material, the handle came off in the first week.",
            "The bag was open and the content had gone off.",
        ),
        -1: (
            "The {item} isn’t great, the flavour is flat.",
            "Quality has gone down since my last order.",
            "Not as described, the {item} looks cheaper than in the picture.",
            "The cap does not close properly.",
            "A bit too bitter for me, I would not buy it again.",
            "The {item} was fine at first but started to leak.",
        ),
        1: (
            "The {item} is good, a nice everyday choice.",
            "Nice quality and a pleasant smell.",
            "Good taste, not bitter at all.",
            "The {item} does what it should and feels solid.",
            "Not bad at all, I like the {item}.",
            "Pleasant flavour, we enjoy it every morning.",
        ),
        2: (
            "The {item} is wonderful, the best I have had in years.",
            "Fantastic aroma and a beautiful crema.",
            "Outstanding quality, I love the {item}!",
            "Rich, smooth and never bitter. Absolutely delicious.",
            "Superb, everyone at home loves the {item}.",
            "Excellent quality, beautifully made.",
            "Amazing flavour, I cannot imagine a morning without it.",
        ),
    },
    "pricing": {
        -2: (
            "Far too expensive now, the price went up again.",
            "This price is a rip-off for such a small bag.",
            "Ridiculous price increase, I am going elsewhere.",
            "I was charged more than the price on the site, outrageous.",
            "Way overpriced, not worth the money.",
        ),
        -1: (
            "The price has gone up too much for what you get.",
            "The {item} is good but too expensive compared with others.",
            "My voucher was not accepted, so I paid the full price.",
            "A little pricey since the increase, sadly.",
            "Poor value since the prices were raised.",
        ),
        1: (
            "Fair price for the quality.",
            "Good value, I used a voucher.",
            "The price is okay and the {item} is nice.",
        ),
        2: (
            "Great value for money, I will stock up.",
            "Excellent price, far better than the supermarket.",
            "Amazing offer, I am very happy with the deal!",
        ),
    },
    "after-sales": {
        -2: (
            "Customer service is useless, three mails and no answer.",
            "I have been waiting for my refund for {days} weeks, awful service.",
            "Nobody answers the phone, terrible support.",
            "The return was refused without any reason, very angry.",
            "They promised a replacement for the {item} and it never came.",
        ),
        -1: (
            "Support took {days} days to reply.",
            "The refund took longer than it should.",
            "The return form is confusing and the answer did not help.",
            "I had to ask twice before anyone replied.",
        ),
        1: (
            "Support was friendly and helpful.",
            "The return was easy and the refund came quickly.",
            "Got a helpful answer the same day.",
        ),
        2: (
            "Wonderful customer service, they replaced the {item} at once.",
            "Brilliant support, problem solved within an hour!",
            "The kindest service team I have ever dealt with, thank you.",
        ),
    },
}
PLAIN = (
    "The {item} is okay, nothing special.",
    "It is as described.",
    "The {item} does the job.",
    "Average, neither good nor bad.",
    "I have only used the {item} twice so far.",
    "Ordered the {item} for the office, no strong opinion.",
    "It came in a brown box with a leaflet.",
    "The colour is between grey and green.",
    "Same as the one from the supermarket, I think.",
    "Bought this as a gift, will see.",
)
OPENINGS: dict[int, tuple[str, ...]] = {
    -2: ("Very disappointed.", "Never again.", "I am really upset.", "What a mess.",
         "First and last order.", "Bad experience.", "Unacceptable!", ""),
    -1: ("Not happy this time.", "Mixed feelings.", "Could be better.", "Usually fine, but this time",
         "I wanted to like it.", "Hmm.", "", ""),
    0: ("Fine.", "So so.", "Second order here.", "It’s all right.", "", "", ""),
    1: ("Happy with it.", "Good choice.", "Bought it again.", "Nice shop.", "My third order here.",
        "Recommended by a friend.", "", "", ""),
    2: ("Love it!", "Five stars.", "Perfect!", "So happy with this order.", "Wow 😀", "Top!",
        "We are big fans.", "I was surprised how good it is.", "", ""),
}  # fmt: skip
CLOSINGS: dict[int, tuple[str, ...]] = {
    -2: ("I want my money back.", "I will not order again.", "Avoid.", "Please sort this out!",
         "Lost a loyal customer.", "", ""),
    -1: ("I expected more.", "Hope it improves.", "Not sure I will order again.",
         "Please do better.", "", ""),
    0: ("We will see.", "Nothing to add.", "May or may not order again.", "", "", ""),
    1: ("Would buy again.", "Will order again.", "Thanks.", "Can recommend.", "", "", ""),
    2: ("Thank you!", "Will definitely order again.", "Highly recommended.", "Keep it up ❤",
        "Can’t recommend it enough.", "Best shop in town.", "", ""),
}  # fmt: skip
WISHES = (
    (0.45, ("Please offer a subscription.", "A monthly subscription would be great.",
            "I wish I could subscribe instead of ordering every time.")),
    (0.35, ("A refill pouch would save a lot of packaging.", "Please sell refill packs.",
            "Would love less plastic in the box.")),
    (0.20, ("More decaf choices, please.", "A decaf version would be lovely.",
            "Please bring a decaf pod.")),
)  # fmt: skip
GERMAN: dict[int, tuple[str, ...]] = {
    -2: ("Das Paket ist nie angekommen und niemand antwortet.", "Sehr schlechte Qualität, {item} war kaputt.",
         "Nie wieder, viel zu teuer und der Kundendienst ist furchtbar."),
    -1: ("Die Lieferung war leider langsam.", "Der Geschmack ist nicht gut, ich bin enttäuscht.",
         "Für den Preis zu wenig, schade."),
    0: ("Ist in Ordnung, nichts Besonderes.", "Wie beschrieben.", "Durchschnittlich."),
    1: ("Gute Qualität und schnelle Lieferung.", "Schmeckt gut, gerne wieder.",
        "Der Preis ist fair, ich bin zufrieden."),
    2: ("Wunderbar, {item} ist ausgezeichnet!", "Sehr lecker und perfekt verpackt, vielen Dank!",
        "Bester Kaffee, wir sind begeistert.", "Hervorragender Service, sehr empfehlenswert."),
}  # fmt: skip
TURKISH: dict[int, tuple[str, ...]] = {
    -2: ("Kargo hiç gelmedi, kimse cevap vermiyor.", "Çok kötü, ürün kırık geldi, iade istiyorum.",
         "Berbat bir deneyim, bir daha asla."),
    -1: ("Kargo çok geç geldi.", "Fiyat artmış, artık pahalı.", "Tadı güzel değil, beğenmedim."),
    0: ("İdare eder, fena değil.", "Ürün anlatıldığı gibi.", "Henüz denemedim."),
    1: ("Güzel ürün, hızlı kargo.", "Tadı güzel, teşekkürler.", "Fiyatı uygun, memnunum."),
    2: ("Harika, çok lezzetli, bayıldım!", "Mükemmel kalite, kesinlikle tavsiye ederim.",
        "Çok hızlı geldi, paketleme harika, teşekkürler!"),
}  # fmt: skip
FOREIGN = {"de": GERMAN, "tr": TURKISH}
