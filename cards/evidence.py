"""Where the rules' statements come from: one name for each source, used by every rule that rests on it.

Addresses are given only where the source itself was opened there.
"""

from __future__ import annotations

from cards.rule import Evidence, Mark


def our_choice(what: str) -> Evidence:
    """A number or window that no source fixes: chosen so that the rule can be computed, to be signed off."""
    return Evidence(what, grade="project's own choice", mark="DESIGN")


def general_knowledge(what: str) -> Evidence:
    """General medical knowledge whose source was not opened; needs verification before use."""
    return Evidence(what, mark="MEMORY")


def _guideline(citation: str, url: str | None = None, mark: Mark = "SEEN") -> Evidence:
    return Evidence(citation, url, "guideline", mark)


def _study(citation: str, url: str | None = None, grade: str = "study", mark: Mark = "SEEN") -> Evidence:
    return Evidence(citation, url, grade, mark)


_GRAVITAS = "https://gravitas.acr.org/ACPortal/GetDataForOneTopic?topicId="

ACR_LOW_BACK_PAIN = _guideline("ACR Appropriateness Criteria, Low Back Pain 2021", f"{_GRAVITAS}141")
ACR_ACUTE_HIP = _guideline("ACR Appropriateness Criteria, Acute Hip Pain: Suspected Fracture 2013")
ACR_CHRONIC_HIP = _guideline("ACR Appropriateness Criteria, Chronic Hip Pain 2016")
ACR_STRESS_FRACTURE = _guideline(
    "ACR Appropriateness Criteria, Stress (Fatigue-Insufficiency) Fracture 2024",
    "https://doi.org/10.1016/j.jacr.2024.08.019",
)
ACR_SPINE_INFECTION = _guideline("ACR Appropriateness Criteria, Suspected Spine Infection 2021", f"{_GRAVITAS}279")
ACR_SEPTIC_ARTHRITIS = _guideline(
    "ACR Appropriateness Criteria, Suspected Osteomyelitis, Septic Arthritis or Soft Tissue Infection 2016"
)
ACR_AFTER_THA = _guideline("ACR Appropriateness Criteria, Imaging After Total Hip Arthroplasty 2023", f"{_GRAVITAS}220")
ACR_BONE_TUMOUR = _guideline("ACR Appropriateness Criteria, Primary Bone Tumors 2019")
ACR_SOFT_TISSUE_MASS = _guideline("ACR Appropriateness Criteria, Soft-Tissue Masses 2017")
ACR_OSTEONECROSIS = _guideline("ACR Appropriateness Criteria, Osteonecrosis of the Hip 2015")
ACR_INFLAMMATORY_BACK_PAIN = _guideline("ACR Appropriateness Criteria, Inflammatory Back Pain 2021")
ACR_PLEXOPATHY = _guideline("ACR Appropriateness Criteria, Plexopathy 2021")
NICE_HIP_FRACTURE = _guideline("NICE CG124, Hip fracture, 1.1.1")
NICE_NG59 = _guideline("NICE NG59, Low back pain and sciatica, 1.1")
NICE_QS155 = _guideline("NICE QS155, Low back pain and sciatica")
NICE_NG65 = _guideline("NICE NG65, Spondyloarthritis")
BMJ_CAUDA_EQUINA = _guideline("BMJ Best Practice, Cauda equina syndrome")
AHCPR_RED_FLAGS = _guideline("AHCPR, Acute low back problems, table of red flags (NBK52120)")
ACP_APS = _guideline("ACP/APS, Low back pain diagnosis and treatment, table of red flags")
IDSA_VERTEBRAL_OSTEOMYELITIS = _guideline(
    "IDSA, Native vertebral osteomyelitis 2015", "https://doi.org/10.1093/cid/civ482"
)
EULAR_IMAGING_SPA = _guideline("EULAR, Imaging in spondyloarthritis 2015")
ACOG_CO_723 = _guideline("ACOG Committee Opinion 723, Imaging during pregnancy")
CHOOSING_WISELY = _guideline("Choosing Wisely (AAFP, NASS), imaging for low back pain")
FDA_NSAID_PREGNANCY = _guideline("FDA Drug Safety Communication, NSAIDs in pregnancy, 15 Oct 2020")
KDIGO_NSAID = _guideline("KDIGO wording on NSAIDs in CKD, as in Kidney360 2020;1:1189")
AGS_BEERS = _guideline("AGS Beers Criteria, NSAIDs in older adults")

DOWNIE_2013 = _study("Downie 2013, BMJ 347:f7095 (red flags, 14 studies)", grade="systematic review")
FINUCANE_2020 = _study(
    "Finucane 2020, IFOMPT red-flag framework",
    "https://doi.org/10.2519/jospt.2020.9971",
    "consensus framework",
)
REIMAN_2013 = _study("Reiman 2013, BJSM 47:893 (hip tests)", grade="meta-analysis")
REIMAN_2015 = _study("Reiman 2015, BJSM 49:811 (hip tests)", grade="meta-analysis")
ROBERTSON_WOOD_2017 = _study(
    "Robertson and Wood 2017 (femoral-neck stress fracture)",
    "https://doi.org/10.1055/s-0043-103946",
    "review",
)
KAO_2017 = _study("Kao 2017, PMC5758140 (sacral insufficiency fracture)", grade="cohort")
KIM_2018 = _study("Kim 2018 (sacral insufficiency fracture)", "https://doi.org/10.1186/s12891-018-2189-1", "cohort")
SCHINDLER_2007 = _study("Schindler 2007, J Orthop Surg 15:339 (sacral insufficiency fracture)", grade="case series")
MILLER_ESR = _study("Miller, limits of normal ESR by age and sex", grade="cohort")
ICM_2018 = _study(
    "ICM 2018 definition of periprosthetic joint infection",
    "https://doi.org/10.1016/j.arth.2018.02.078",
    "consensus",
    "MEMORY",
)
WONG_2014 = _study("Wong 2014, PMID 24758965 (unintentional weight loss, 5 % in 6 to 12 months)", grade="review")
BJGP_OPEN_2024 = _study("BJGP Open 2024.0025 (work-up of suspected cancer)")
ARCO_GLUCOCORTICOID = _study(
    "ARCO glucocorticoid criterion", "https://doi.org/10.1016/j.arth.2018.09.005", "consensus classification"
)
ARCO_ALCOHOL = _study(
    "ARCO alcohol criterion", "https://doi.org/10.1016/j.arth.2018.09.006", "consensus classification"
)
MAHE_2015 = _study("Mahé 2015 (proximal claudication)", "https://doi.org/10.3389/fcvm.2015.00033", "review")
AL_KHODAIRY_2007 = _study(
    "Al-Khodairy 2007 (endometriosis and sciatica)",
    "https://doi.org/10.1007/s00586-006-0074-3",
    "case series",
)
PECK_2017 = _study("Peck, AFP 2017 (slipped capital femoral epiphysis)", grade="review")
MARTIN_2014 = _study(
    "Martin 2014, KSSTA 22:882 (seated piriformis stretch, active piriformis; n=33)",
    grade="small diagnostic study",
)
LASLETT_2005 = _study("Laslett 2005, Man Ther 10:207 (SI provocation tests; n=48)", grade="small diagnostic study")
CACCHIO_2012 = _study(
    "Cacchio 2012, BJSM 46:883 (proximal hamstring tests; n=92)",
    grade="small diagnostic study",
    mark="SEEN-2nd",
)
GOMEZ_HOYOS_2016 = _study(
    "Gómez-Hoyos 2016, Arthroscopy 32:1279 (ischiofemoral impingement tests)",
    grade="small diagnostic study",
    mark="SEEN-2nd",
)
MONTANER_2023 = _study(
    "Montaner-Cuello 2023 (straight leg raise)",
    "https://doi.org/10.3390/healthcare11243138",
    "diagnostic study",
)
PARK_2020 = _study("Park 2020, BJJ 102-B:556 (deep gluteal syndrome)", grade="review")
KIZAKI_2020 = _study(
    "Kizaki 2020 (deep gluteal syndrome, definition)",
    "https://doi.org/10.1007/s00167-020-05966-x",
    "systematic review",
)
FISHMAN_2002 = _study("Fishman 2002, APMR 83:295 (injection and physiotherapy; uncontrolled)", grade="cohort")
MISIRLIOGLU_2015 = _study("Misirlioglu 2015, PMID 25794202 (steroid added to anaesthetic)", grade="randomised trial")
ELZEINY_2025 = _study(
    "Elzeiny 2025 (endoscopic neurolysis)",
    "https://doi.org/10.1007/s00590-025-04349-7",
    "review, low quality",
)
OSTELO_2008 = _study("Ostelo 2008 (minimal important change of pain and ODI)", grade="consensus")
DGS_GUIDE = Evidence("Clinical guide to deep gluteal syndrome", grade="expert article")
POSTERIOR_HIP_ARTICLE = Evidence("Article on posterior hip pain as a label", grade="expert article")
ACR_CONTRAST = _guideline("ACR Manual on Contrast Media, gadolinium table as in CCJM")
