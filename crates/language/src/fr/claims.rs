//! How a change is claimed or promised in French.

use crate::prose::Claims;

/// What French has to say to claims.
pub(crate) const CLAIMS: Claims = Claims {
    sets: &[],
    phrases: &[
        "j'ai ~ *e|*is|*it|*u|*ee|mis|fait|remis",
        "je l'ai|les|vous|te|t'ai ... *e|*is|fait|mis|*ee|*es|*ees",
        "nous avons ~ *e|mis|fait",
        "je viens de|d'*",
        "je viens d'ajouter|effacer",
        "c'est ~ fait|note|bon|regle|ajoute|supprime|termine|enregistre|parti|ok",
        "voila qui est fait",
        "^ ~ fait|faite $",
        "a|ont ~ ete ~ *e|*ee|*es|*ees|mis|mise|remis|fait|faite",
        "est|sont ~ *ee|*ees|ajoute|supprime|termine|efface|marque|deplace|note|enregistre|modifie|cree|fait|faite|terminees|faites",
        "^ ~ ajoute|ajoutee|supprime|supprimee|efface|termine|terminee|deplace|note|enregistre|modifie|modifiee|cree|creee",
        "tache|taches|rappel|rendez-vous|rendez|modification ~ ajoutee|ajoutees|supprimee|supprimees|terminee|creee|deplacee|modifiee|ajoute|cree|enregistree|notee|supprime",
        "je vais ~ ajouter|supprimer|effacer|marquer|deplacer|changer|modifier|creer|noter|mettre|le|la|les|vous|te|t'ajouter|l'ajouter|m'en|terminer|retirer|l'effacer",
        "je te|vous|le|la|les ~ rappellerai|ajouterai|supprimerai",
        "j'ajouterai|j'ajoute|j'efface|je supprime|je marque|je deplace|je note",
        "je ~ rappellerai|supprimerai|marquerai|deplacerai|noterai|mettrai|supprime|marque|deplace|note|m'en",
        "laissez|laisse moi ~ ajouter|supprimer|effacer|marquer|deplacer",
        "avec succes",
        "tout est|c'est pret|bon|regle",
    ],
    honest: &[
        "j'ai ~ trouve|regarde|cherche|verifie|compte|besoin|compris|lu|vu",
        "peut|peuvent|doit|doivent etre ... *e|*ee",
        "j'ai une|la|votre|le|de|cette",
    ],
    negations: &[
        "pas",
        "rien",
        "jamais",
        "aucun",
        "aucune",
        "sans",
        "ni",
        "impossible",
        "n'ai",
        "n'a",
        "n'est",
        "n'ont",
    ],
    joints: &["et", "mais", "puis"],
    openers: &[
        "ok", "d'accord", "parfait", "bien", "oui", "tres", "voila", "tache", "et", "alors",
    ],
    fillers: &[
        "bien",
        "deja",
        "aussi",
        "maintenant",
        "tout",
        "ete",
        "la",
        "le",
        "tache",
        "donc",
    ],
    conditions: &["si", "quand", "lorsque"],
    ..Claims::NONE
};
