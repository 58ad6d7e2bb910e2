//! How a change is claimed or promised in romanised Urdu, which Hindi shares.

use crate::prose::Claims;

/// What Urdu has to say to claims.
pub(crate) const CLAIMS: Claims = Claims {
    sets: &[(
        "kaam",
        &[
            "add",
            "delete",
            "mark",
            "complete",
            "update",
            "move",
            "remove",
            "set",
            "save",
            "shamil",
            "mukammal",
            "khatam",
            "tabdeel",
            "cancel",
            "note",
            "create",
            "shift",
            "reschedule",
            "rename",
        ],
    )],
    phrases: &[
        "ho|hogaya|hogayi gaya|gayi|gaye|gya|gyi|chuka|chuki",
        "hogaya|hogayi|hogya|hogyi",
        "kar|ker|krdiya diya|di|dia|dya|diye|dein|chuka|liya|li|lia",
        "kardiya|kardi|krdiya|krdi|kardia|kardiye",
        "%kaam ~ diya|di|kiya|ki|kia|dia|gaya|gayi|gya|hai|hain",
        "laga|hata|mita|daal|dal|likh|rakh|bana|badal|nikal|uda diya|di|dia|li|liya|diye",
        "main|mein|mai ne|nay ... kiya|ki|diya|di|kia|dia|liya",
        "maine|mene|meine ... kiya|ki|diya|di|kia|dia|liya",
        "kar|ker|add|delete|yaad dunga|doonga|dungi|doongi|deta|deti|raha|rahi|dila|dilaunga|dilaoonga",
        "kardunga|kardoonga|kardungi|krdunga|kardeta|karunga|karoonga|karungi",
        "dila|dilwa|hata|laga|mita dunga|doonga|dungi|deta|deti|doon",
        "%kaam kar|ker|kr ~ diya|di|dia|dunga|raha|rahi|li|liya",
        "shamil ho|kar",
        "mukammal ho|kar|hai|hua",
    ],
    honest: &[
        "kar|ker|delete|add dena|dein|sakta|sakti|sakte",
        "aap|tum ne ... kiya|ki|diya|di|liya|kia",
    ],
    negations: &[
        "nahi", "nahin", "nai", "nhi", "mat", "na", "kuch", "bina", "koi",
    ],
    joints: &["aur", "lekin", "magar", "phir"],
    openers: &["theek", "ji", "haan", "acha", "ok", "bilkul", "hai"],
    fillers: &["hai", "hain", "abhi", "bhi", "ab"],
    conditions: &["agar", "jab"],
    ..Claims::NONE
};
