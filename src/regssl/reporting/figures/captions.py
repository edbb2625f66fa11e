"""What the figures show, for the pages that hold them: the first sentence of each is its title."""

from __future__ import annotations

FIGURE2 = (
    "Figure 2. Gain over supervised learning. Increase of AUPR and AUROC over SL of the same network, in percent, and "
    "the AUPR beside it, on all test windows: mean over seeds with Student's 95 % interval. Dashed: prevalence, which "
    "is the AUPR of a random ranking. †n: n of the runs collapsed; ‡n: n have not converged; they are in the mean."
)
FIGURE3 = (
    "Figure 3. Predicted and observed effects of variants. Across: observed allelic imbalance, positive where the "
    "alternative allele is preferred. Up: logit of the alternative less logit of the reference allele, both strands, "
    "mean over seeds; variants of the test split. Bars: correlation, mean over seeds, with the 95 % bootstrap interval "
    "over variants; dots: single seeds. r: Pearson, ρ: Spearman; a dash where there are fewer than ten variants."
)
LIFT = (
    "Windows found in each genome. Fraction of human training windows with a homolog that is kept; filled: positive "
    "windows, hollow: negative ones."
)
ABLATIONS = {
    "genomes": (
        "AUPR against the number of genomes. SSL with the homologs of the nearest and of the farthest genomes only, by "
        "their measured divergence; none is SL, all is SSL. Mean over seeds with Student's 95 % interval; dashed: "
        "prevalence. Genomes are not independent: many are close relatives of one another."
    ),
    "divergence": (
        "AUPR against the divergence of the genomes. The same runs, and groups of clades, against the mean divergence "
        "of the genomes whose homologs were trained on. Numbers at points: how many genomes. It differs along "
        "a line, so that one line alone does not separate divergence from number. Grey: SL, with its interval."
    ),
    "train_size": (
        "Learning curve. AUPR where a part of the human training windows is used, of each label, with their homologs "
        "(SSL) or without (SL). All runs take the same number of steps, and stop early on the same validation windows."
    ),
    "permuted_labels": (
        "AUPR against permuted labels. SSL where a part of each genome's pseudo-labels is permuted among its homologs: "
        "at 0 it is SSL, at 100 the control with shuffled labels. Grey: SL. The vertical line, where the data are "
        "simulated: the percentage of homologs of human windows with a functional site that hold none."
    ),
}
PUBLISHED = (
    "Small networks on DNABERT-2's own tasks. Matthews' correlation coefficient (MCC) on the test sets, with the 95 % "
    "interval of seeds and test sequences together; lines: what others published. Baselines are fitted, not trained."
)
RECIPES_GAIN = (
    "SSL's gain against the strength of the baseline. A point per recipe: across, the validation AUPR of SL with the "
    "first seed; up, the gain of SSL over SL, mean over the other seeds, so that a lucky run of SL does not make the "
    "gain small. The validation windows are the same, so what a recipe owes to them is in both; Spearman's correlation "
    "is shown from ten recipes on."
)
LEARNED = (
    "logos of what the filters learned. The known motif of the factor, and beneath it, aligned, the filter of each "
    "method that is most like it: of the seed in which it is most like it, and of the median seed. Heights are bits "
    "over a uniform background. Faint: not like the known motif. Where none has the factor's name, filters stand "
    "alone: those through which most of the distance between bound and other windows comes."
)
