//! What customers of the shop say and are told.

/// What may be wrong: how people say it, and what they are told.
#[derive(Clone, Copy)]
pub struct Issue {
    pub says: &'static [&'static str],
    pub answers: &'static [&'static str],
}

pub const PRODUCTS: [&str; 40] = [
    "kettle",
    "lamp",
    "chair",
    "blanket",
    "toaster",
    "mug",
    "rug",
    "pillow",
    "mirror",
    "shelf",
    "clock",
    "teapot",
    "pan",
    "bowl",
    "desk",
    "curtain",
    "vase",
    "basket",
    "towel",
    "knife",
    "blender",
    "heater",
    "fan",
    "jacket",
    "backpack",
    "umbrella",
    "radio",
    "camera",
    "keyboard",
    "speaker",
    "printer",
    "phone case",
    "coffee machine",
    "bed frame",
    "garden hose",
    "bookcase",
    "rice cooker",
    "water bottle",
    "desk lamp",
    "vacuum cleaner",
];
pub const COLOURS: [&str; 10] = [
    "red", "blue", "green", "black", "white", "grey", "yellow", "brown", "small", "large",
];
pub const NAMES: [&str; 40] = [
    "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Hana", "Ivan", "Julia", "Kevin",
    "Lena", "Minho", "Nora", "Oscar", "Paula", "Rosa", "Sam", "Tina", "Uma", "Victor", "Wendy",
    "Yuna", "Zoe", "Jisoo", "Maria", "Leo", "Nina", "Peter", "Sara", "Tom", "Lucy", "Max", "Ella",
    "Noah", "Mia", "Paul", "Kate", "Jun", "Sofia",
];
pub const ISSUES: [Issue; 9] = [
    Issue {
        says: &[
            "[Where is|Do you know where] my {thing}[| is]?",
            "My {thing} has not [arrived|come|been delivered] [yet|so far].",
            "[I am still waiting for|I am waiting for] my {thing}. [When will it arrive|When does it come|Where is it]?",
            "The {thing} [I ordered|that I ordered|I bought] [last week|on Monday|ten days ago|two weeks ago] is not here.",
            "The delivery of my {thing} is late.",
        ],
        answers: &[
            "[I am sorry for the wait|Sorry about the delay]. Order {order} is on its way and should arrive in {days} days.",
            "Thank you for waiting. Order {order} has left our warehouse and will arrive in {days} days.",
            "I have checked order {order}. The parcel is with the carrier and should be with you in {days} days.",
        ],
    },
    Issue {
        says: &[
            "My {thing} [arrived|came] [broken|damaged|with a crack|with a scratch].",
            "The {thing} [is broken|does not work|stopped working|is damaged].",
            "[There is a crack in|Something is wrong with|There is a scratch on] the {thing} [you sent me|I received|I got].",
        ],
        answers: &[
            "I am sorry that your {thing} is damaged. We will send a new one for order {order} at no cost.",
            "That should not happen. For order {order} you can have a new {thing} or your money back. Which do you prefer?",
            "I am sorry about that. Please send us a photo of the {thing}, and we will replace it under order {order}.",
        ],
    },
    Issue {
        says: &[
            "I [want|would like] [a refund|my money back] for [my|the] {thing}.",
            "[Can|Could] I [get|have] [a refund|my money back] for the {thing}?",
            "How do I get a refund for my {thing}?",
        ],
        answers: &[
            "[Of course|Certainly]. We have started the refund for order {order}. The money will be back in {days} days.",
            "I can help with that. Send the {thing} back within thirty days, and we will refund order {order}.",
        ],
    },
    Issue {
        says: &[
            "I [want|would like|need] to cancel my order[| for the {thing}].",
            "[Please cancel|Can you cancel|Could you cancel] [my order|the order] for the {thing}.",
            "I do not need the {thing} [any more|anymore]. [Can I cancel|Please cancel it].",
        ],
        answers: &[
            "[No problem|Certainly]. I have cancelled order {order}. You will not be charged.",
            "Order {order} is cancelled. If you have paid already, the money will be back in {days} days.",
        ],
    },
    Issue {
        says: &[
            "I [got|received] the wrong [item|product]. I ordered a {thing}.",
            "You sent me the wrong {thing}.",
            "This is not the {thing} [I ordered|that I ordered].",
        ],
        answers: &[
            "I am sorry for the mix-up. We will send the right {thing} for order {order} today.",
            "That is our mistake. Please keep the parcel closed; a driver will pick it up and bring the {thing} of order {order}.",
        ],
    },
    Issue {
        says: &[
            "[Can|Could] I change the [delivery |]address [of my order|for my {thing}]?",
            "I have moved. My {thing} must go to a new address.",
            "The address [on|of] my order is wrong.",
        ],
        answers: &[
            "[Yes|Certainly]. Please tell me the new address, and I will change it for order {order}.",
            "I have opened order {order} for you. What is the new address?",
        ],
    },
    Issue {
        says: &[
            "[I was charged twice|You charged me twice|I paid twice] for the {thing}.",
            "The [bill|invoice] for my {thing} is wrong.",
            "Why is the price of the {thing} on my bill higher?",
        ],
        answers: &[
            "I am sorry about the bill. I have checked order {order}, and the extra amount will be back in {days} days.",
            "Thank you for telling us. We have corrected the bill for order {order} and sent you a new one.",
        ],
    },
    Issue {
        says: &[
            "[Can|Could] I exchange my {thing} for [another colour|another size|a bigger one|a smaller one]?",
            "The {thing} is too [small|big]. [Can I exchange it|Could I swap it]?",
        ],
        answers: &[
            "[Yes, you can|Of course]. Send the {thing} back with the label in the parcel, and we will exchange it under order {order}.",
            "Certainly. I have noted an exchange for order {order}. The new {thing} will arrive in {days} days.",
        ],
    },
    Issue {
        says: &[
            "[Can|Could] you send me the [invoice|receipt|bill] for the {thing}?",
            "I need [an invoice|a receipt] for my {thing}.",
        ],
        answers: &[
            "[Of course|Certainly]. The invoice for order {order} is on its way to your e-mail address.",
            "I have sent the invoice for order {order} to you by e-mail.",
        ],
    },
];
pub const ENDS: [(&[&str], &[&str]); 5] = [
    (
        &[
            "[Thank you|Thanks]!",
            "[Thank you very much|Thanks a lot|Thank you for your help].",
            "Great, thank you.",
        ],
        &[
            "You are welcome!",
            "You are welcome. [Have a nice day|Have a good day]!",
            "My pleasure. Is there anything else I can do for you?",
        ],
    ),
    (
        &["No, that is all. Thank you.", "That is all for now."],
        &[
            "Thank you for writing to us. Goodbye!",
            "Have a nice day. Goodbye!",
        ],
    ),
    (
        &["How long will [it|that] take?", "When will that be?"],
        &[
            "It takes {days} days at most.",
            "That should be done in {days} days.",
        ],
    ),
    (
        &["Can you send me a confirmation?", "Will I get an e-mail?"],
        &[
            "Yes, you will get an e-mail in a few minutes.",
            "Yes, I have just sent you an e-mail.",
        ],
    ),
    (
        &[
            "What is the number of my order again?",
            "Can you repeat my order number?",
        ],
        &["Your order number is {order}.", "It is order {order}."],
    ),
];
