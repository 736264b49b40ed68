//! Questions about the shop that need no order, and their answers.

/// Questions that need no order.
pub const GENERAL: [(&[&str], &[&str]); 11] = [
    (
        &[
            "I forgot my password.",
            "I [cannot|can't] log in[| to my account].",
            "How do I reset my password?",
            "My password does not work.",
        ],
        &[
            "Please click on \"Forgot password\" on the login page. We will send you a link to set a new one.",
            "You can reset your password on the login page. The link comes by e-mail and works for one hour.",
        ],
    ),
    (
        &[
            "How do I change my e-mail address?",
            "I have a new e-mail address.",
            "[Can|Could] I change the e-mail address of my account?",
        ],
        &[
            "Open your account, choose \"Settings\" and enter the new e-mail address. We will send you a message to confirm it.",
        ],
    ),
    (
        &[
            "How [do|can] I delete my account?",
            "Please delete my account.",
            "I want to close my account.",
        ],
        &[
            "You can delete your account under \"Settings\". We are sorry to see you go.",
            "I am sorry to see you go. Choose \"Delete account\" under \"Settings\", and all your data will be removed.",
        ],
    ),
    (
        &[
            "How long does delivery take?",
            "How long does shipping take?",
            "When will my parcel come if I order today?",
        ],
        &[
            "Delivery takes two to four working days.",
            "Most parcels arrive within two to four working days.",
        ],
    ),
    (
        &[
            "How much is [delivery|shipping]?",
            "What does [delivery|shipping] cost?",
            "Is [delivery|shipping] free?",
        ],
        &["Delivery is free for orders over fifty dollars. Below that it costs five dollars."],
    ),
    (
        &[
            "What are your opening hours?",
            "When are you open?",
            "[Is the shop|Are you] open on [Saturday|Sunday|Monday]?",
        ],
        &["We are open from Monday to Saturday, from nine in the morning to six in the evening."],
    ),
    (
        &[
            "How can I pay?",
            "Which cards do you take?",
            "[Can|Could] I pay [by card|with my phone|by bank transfer]?",
        ],
        &[
            "You can pay by card, by phone or by bank transfer.",
            "We take all cards, payment by phone and bank transfer.",
        ],
    ),
    (
        &[
            "Do you [sell|have] {products}?",
            "Are {products} in stock?",
            "I am looking for a {colour} {product}.",
        ],
        &[
            "Yes, we do. You will find them under \"Home\" in our shop.",
            "Yes, we have several. The price starts at {price} dollars.",
        ],
    ),
    (
        &[
            "Do you deliver to [Korea|Japan|France|Germany|Canada|Spain|Italy]?",
            "Do you ship abroad?",
        ],
        &["Yes, we deliver to most countries. It takes one to two weeks."],
    ),
    (
        &[
            "How do I return [something|an item|a parcel]?",
            "[Can|Could] I send something back?",
            "What is your return policy?",
        ],
        &[
            "You can return any item within thirty days. Put it in the box, add the label and bring it to the post office.",
        ],
    ),
    (
        &[
            "[Can|Could] I [talk|speak] to a person?",
            "I want to talk to a human.",
            "What is your phone number?",
        ],
        &[
            "Of course. You can reach our team by phone from Monday to Friday, or leave your number and we will call you.",
        ],
    ),
];
