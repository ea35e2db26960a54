"""What the demo shop's customers write: sentences by topic and mood, in three languages."""

# A {slot} of a sentence is filled with one of these; {item} is the product, {days} a small number.
SLOTS: dict[str, tuple[str, ...]] = {
    "good": ("good", "nice", "lovely", "pleasant", "fine"),
    "great": ("great", "wonderful", "excellent", "fantastic", "superb", "brilliant", "outstanding",
              "amazing", "perfect"),
    "bad": ("bad", "poor", "disappointing", "weak", "sad"),
    "awful": ("awful", "terrible", "horrible", "dreadful", "appalling"),
    "very": ("very", "really", "so", "truly", "extremely"),
    "who": ("my partner", "my mother", "the whole office", "our guests", "the kids",
            "my neighbour", "my sister", "a friend", "the team"),
    "when": ("last week", "in the spring", "on Sunday", "yesterday", "a month ago",
             "before the holidays", "on Monday", "a fortnight ago"),
    "use": ("for breakfast", "at work", "at weekends", "after lunch", "on the boat",
            "in the garden", "for the first cup of the day", "when guests come"),
}  # fmt: skip
CONTEXTS = (
    "I ordered the {item} {when}.", "Bought it for {who}.", "We use it {use}.",
    "It was a gift for {who}.", "{who} asked for it.", "Ordered {when} and used {use}.",
    "This is my order number {days}.", "I have had the {item} for {days} weeks now.",
    "I found the shop through a friend.", "We go through {days} of them in a season.",
)  # fmt: skip

# Topic -> mood (-2 worst … +2 best) -> sentences. {item} is the product, {days} a small number.
TOPIC_SENTENCES: dict[str, dict[int, tuple[str, ...]]] = {
    "logistics": {
        -2: (
            "My parcel never arrived and nobody answers.",
            "Delivery took {days} days longer than promised and the box was soaked.",
            "Still waiting for my order after {days} days, tracking has not moved at all.",
            "The courier left the parcel in the rain and the {item} was ruined.",
            "{awful} delivery, {days} days late and the box was crushed.",
            "The package got lost and I had to chase the carrier myself.",
            "Paid for express and it still came {days} days late. {awful}.",
            "Half of the parcel was missing when it finally arrived.",
            "Parcel was sent back to the warehouse without any notice, useless courier.",
        ),
        -1: (
            "Delivery was {very} slow, {days} days for a small parcel.",
            "The {item} is fine but the shipping took far too long.",
            "The box arrived dented, not what I expect from this shop.",
            "Tracking said delivered, but it came two days later.",
            "Shipping was late again, which is annoying.",
            "The parcel wasn’t packed well and one thing was damaged.",
        ),
        1: (
            "Delivery was quick and the box was {good}.",
            "Arrived on time and well packed.",
            "{good} shipping, {days} days and no damage.",
            "The parcel came sooner than expected.",
        ),
        2: (
            "Super fast delivery, it was here the next day!",
            "Beautifully packed and delivered a day early, {great}.",
            "{great} delivery, the courier was friendly and on time.",
            "{great} shipping, everything arrived safe and sound.",
        ),
    },
    "pricing": {
        -2: (
            "Far too expensive now, the price went up again.",
            "This price is a rip-off for such a small bag.",
            "Ridiculous price increase, I am going elsewhere.",
            "I was charged more than the price on the site, outrageous.",
            "{very} overpriced, not worth the money.",
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
            "{good} value, I used a voucher.",
            "The price is okay and the {item} is {good}.",
        ),
        2: (
            "{great} value for money, I will stock up.",
            "{great} price, far better than the supermarket.",
            "{great} offer, I am {very} happy with the deal!",
        ),
    },
    "after-sales": {
        -2: (
            "Customer service is useless, three mails and no answer.",
            "I have been waiting for my refund for {days} weeks, {awful} service.",
            "Nobody answers the phone, {awful} support.",
            "The return was refused without any reason, {very} angry.",
            "They promised a replacement for the {item} and it never came.",
        ),
        -1: (
            "Support took {days} days to reply.",
            "The refund took longer than it should.",
            "The return form is confusing and the answer did not help.",
            "I had to ask twice before anyone replied.",
        ),
        1: (
            "Support was {very} friendly and helpful.",
            "The return was easy and the refund came quickly.",
            "Got a helpful answer the same day.",
        ),
        2: (
            "{great} customer service, they replaced the {item} at once.",
            "{great} support, problem solved within an hour!",
            "The kindest service team I have ever dealt with, thank you.",
        ),
    },
}
# Topic "production" is said in other words of what one drinks and of what one owns.
MADE: dict[bool, dict[int, tuple[str, ...]]] = {
    True: {
        -2: (
            "The {item} was stale and tasted burnt, {very} disappointing.",
            "{awful} taste, I threw the {item} away.",
            "The bag was open and the content had gone off.",
            "It tastes bitter and artificial, the worst I have bought here.",
            "The cap leaks everywhere, {awful} quality.",
            "{awful} aftertaste, {who} did not want to finish the {item}.",
            "Found bits of plastic inside, disgusting.",
        ),
        -1: (
            "The {item} isn’t great, the flavour is flat.",
            "Quality has gone down since my last order.",
            "The cap does not close properly.",
            "A bit too bitter for me, I would not buy it again.",
            "Not as fresh as it used to be, sadly.",
            "The {item} tastes weak, not as described.",
        ),
        1: (
            "The {item} is {good}, an everyday choice {use}.",
            "{good} quality and a {good} smell.",
            "{good} taste, not bitter at all.",
            "Not bad at all, I like the {item}.",
            "{good} flavour, we enjoy it {use}.",
            "Fresh and nicely balanced.",
        ),
        2: (
            "The {item} is {great}, the best I have had in years.",
            "{great} aroma, I love it {use}.",
            "Rich, smooth and never bitter. It is {very} delicious.",
            "{great}, {who} loves the {item}.",
            "{great} flavour, I cannot imagine a morning without it.",
            "{great} quality, I love the {item}!",
        ),
    },
    False: {
        -2: (
            "The {item} broke after two days.",
            "The {item} arrived with a crack, poor workmanship.",
            "The lid leaks everywhere, {awful} quality.",
            "Cheap material, the handle came off in the first week.",
            "Stopped working after a fortnight, a waste of money.",
            "Rust after the first wash, {awful}.",
        ),
        -1: (
            "The {item} isn’t as solid as I hoped.",
            "Not as described, the {item} looks cheaper than in the picture.",
            "The {item} was fine at first but started to leak.",
            "Scratches easily, I expected better quality.",
            "The finish is uneven, a disappointing buy.",
        ),
        1: (
            "The {item} does what it should and feels solid.",
            "{good} quality for daily use.",
            "Not bad at all, I like the {item}.",
            "{good} size and easy to clean.",
            "Well made, works nicely.",
        ),
        2: (
            "The {item} is {great}, the best I have owned.",
            "{great} quality, beautifully made.",
            "{great}, I love the {item}!",
            "{great} design, {who} asked where I got it.",
            "{great}, it feels like it will last forever.",
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
    "Bought it {when} as a gift, will see.",
    "{who} uses it {use}, I have no opinion yet.",
    "Not good, not bad.",
)
OPENINGS: dict[int, tuple[str, ...]] = {
    -2: ("{very} disappointed.", "Never again.", "I am really upset.", "What a mess.",
         "First and last order.", "Bad experience.", "Unacceptable!", ""),
    -1: ("Not happy this time.", "Mixed feelings.", "Could be better.",
         "Usually fine, but not this time.", "I wanted to like it.", "Hmm.", "", ""),
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
    -2: ("Das Paket ist nie angekommen und niemand antwortet.",
         "Sehr schlechte Qualität, {item} war kaputt.",
         "Nie wieder, viel zu teuer und der Kundendienst ist furchtbar."),
    -1: ("Die Lieferung war leider langsam.", "Der Geschmack ist nicht gut, ich bin enttäuscht.",
         "Für den Preis zu wenig, schade."),
    0: ("Ist in Ordnung, nichts Besonderes.", "Wie beschrieben.", "Durchschnittlich."),
    1: ("Gute Qualität und schnelle Lieferung.", "Schmeckt gut, gerne wieder.",
        "Der Preis ist fair, ich bin zufrieden.", "Alles gut angekommen.",
        "Macht einen guten Eindruck.", "Freundlicher Kundendienst."),
    2: ("Wunderbar, {item} ist ausgezeichnet!", "Sehr lecker und perfekt verpackt, vielen Dank!",
        "Bester Kaffee, wir sind begeistert.", "Hervorragender Service, sehr empfehlenswert.",
        "Tolle Qualität, immer wieder gern.", "Fantastisches Aroma, einfach perfekt.",
        "Super schnelle Lieferung, danke!"),
}  # fmt: skip
TURKISH: dict[int, tuple[str, ...]] = {
    -2: ("Kargo hiç gelmedi, kimse cevap vermiyor.", "Çok kötü, ürün kırık geldi, iade istiyorum.",
         "Berbat bir deneyim, bir daha asla."),
    -1: ("Kargo çok geç geldi.", "Fiyat artmış, artık pahalı.", "Tadı güzel değil, beğenmedim."),
    0: ("İdare eder, fena değil.", "Ürün anlatıldığı gibi.", "Henüz denemedim."),
    1: ("Güzel ürün, hızlı kargo.", "Tadı güzel, teşekkürler.", "Fiyatı uygun, memnunum.",
        "Sorunsuz geldi.", "Kaliteli, işimi görüyor."),
    2: ("Harika, çok lezzetli, bayıldım!", "Mükemmel kalite, kesinlikle tavsiye ederim.",
        "Çok hızlı geldi, paketleme harika, teşekkürler!", "Bu fiyata muhteşem, çok memnunum.",
        "Kokusu enfes, herkes çok beğendi."),
}  # fmt: skip
FOREIGN = {"de": GERMAN, "tr": TURKISH}
