"""What customers write and what the house answers: `[a|b]` is a choice, `{slot}` is filled in."""

THINGS = [
    "kettle", "lamp", "chair", "blanket", "toaster", "mug", "rug", "pillow", "mirror", "shelf", "clock",
    "teapot", "pan", "bowl", "desk", "curtain", "vase", "basket", "towel", "blender", "heater", "fan",
    "backpack", "umbrella", "radio", "camera", "keyboard", "speaker", "printer", "rice cooker",
]
COLOURS = ["red", "blue", "green", "black", "white", "grey", "yellow", "brown"]
NAMES = [
    "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Hana", "Ivan", "Julia", "Kevin", "Lena",
    "Minho", "Nora", "Oscar", "Paula", "Rosa", "Sam", "Tina", "Victor", "Yuna", "Zoe", "Jisoo", "Maria",
]

TOPICS = {
    "delivery": {
        "asks": [
            "[Where is|I am waiting for|I am still waiting for] my {thing}.",
            "My {thing} has not [come|arrived] [yet|so far|until today].",
            "The {thing} is [late|a week late|not here yet].",
            "When will my {thing} [come|arrive]?",
        ],
        "answer": "We call the carrier, and the {thing} comes by Friday.",
    },
    "damage": {
        "asks": [
            "The {thing} [arrived|came] [broken|with a crack|damaged].",
            "My {thing} [does not work|stopped working|broke on the first day].",
            "There is a [crack|scratch|hole] in my {thing}.",
        ],
        "answer": "A new {thing} leaves our house tomorrow; keep the old one.",
    },
    "refund": {
        "asks": [
            "I [want|would like] my money back for the {thing}.",
            "[Please refund|Can you refund] my {thing}.",
            "I sent the {thing} back and [want|need] a refund.",
        ],
        "answer": "The money for the {thing} is with you in three days.",
    },
    "cancel": {
        "asks": [
            "Please cancel [my order for|the order for|] the {thing}.",
            "I do not [need|want] the {thing} any more.",
            "I bought the {thing} [by mistake|twice], please cancel it.",
        ],
        "answer": "The {thing} is cancelled and nothing will be charged.",
    },
    "exchange": {
        "asks": [
            "The {thing} is too [small|big|heavy]. Can I [swap|exchange] it?",
            "I would like [another colour|another size] of the {thing}.",
            "Can I exchange the {thing}?",
        ],
        "answer": "Give the {thing} to our driver on Monday; the other one comes along.",
    },
    "invoice": {
        "asks": [
            "I need [an invoice|a receipt|the bill] for the {thing}.",
            "Please send me the [invoice|receipt] for my {thing}.",
            "There was no [invoice|bill] with the {thing}.",
        ],
        "answer": "The invoice for the {thing} is in your mail box.",
    },
    "praise": {
        "asks": [
            "I love [my|the] {thing}.",
            "The {thing} is [great|wonderful|perfect].",
            "[Great|Lovely] {thing}, [I use it every day|my family loves it].",
        ],
        "answer": "We will tell those who made the {thing}.",
    },
}

UPSET = [
    "[This is|That is] [terrible|not good enough|a shame]!",
    "I am [very |really |]angry.",
    "I am [not happy|very unhappy|so disappointed].",
    "[What a mess|So annoying]!",
]
NUMBERED = ["[My order is|It is order|Order|Order number] {order}.", "[My order number is|The number is] {order}."]
GIVEN = ["{order}", "It is {order}.", "[Order|The number is|My order is] {order}."]
SIGNED = ["[Regards|Thanks|Yours|Best wishes], {name}", "My name is {name}.", "{name}", "This is {name}."]
