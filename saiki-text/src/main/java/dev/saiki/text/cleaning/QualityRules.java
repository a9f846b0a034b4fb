package dev.saiki.text.cleaning;

import java.util.Locale;

/// The published sets of rules for the quality of English web text, in the order in which they are applied.
public enum QualityRules {
    /// The rules of MassiveText, the corpus of Gopher: Rae et al., Scaling Language Models, arXiv 2112.11446, 2021,
    /// section A.1.1 and table A1.
    GOPHER,
    /// The rules of C4, which also remove lines from a document: Raffel et al., Exploring the Limits of Transfer
    /// Learning with a Unified Text-to-Text Transformer, JMLR 21(140), 2020, section 2.2. The list of bad words is
    /// not applied.
    C4,
    /// The rules that FineWeb adds to those of Gopher and C4: Penedo et al., The FineWeb Datasets, arXiv
    /// 2406.17557, 2024, section 3.6.
    FINEWEB;

    /// The name in options and files.
    ///
    /// @return the name in lower case
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
