"""Everything that a card may suggest to order, each with codes verified for it.

Where no code was found that says just this, the order carries words only: a wrong code would order the wrong thing.
"""

from __future__ import annotations

from cards.codings import CPT, LOINC, SNOMED, Coding
from cards.orders import Orderable
from cards.side import Side


def _loinc(code: str, display: str) -> tuple[Coding, str]:
    return Coding(LOINC, code), display


def _snomed(code: str, display: str) -> tuple[Coding, str]:
    return Coding(SNOMED, code), display


def _cpt(code: str) -> tuple[Coding, None]:
    return Coding(CPT, code), None


_HIP = (Coding(SNOMED, "29836001"), "Hip region structure (body structure)")
_BUTTOCK = (Coding(SNOMED, "46862004"), "Buttock structure (body structure)")

XR_PELVIS = Orderable("X-ray pelvis AP", "imaging", (_loinc("37622-8", "XR Pelvis AP"),), studies=("img-xr-pelvis",))
XR_PELVIS_AND_HIP = Orderable(
    "X-ray pelvis and hip, AP and lateral",
    "imaging",
    (_loinc("36705-2", "XR Pelvis and Hip AP and Lateral"), _cpt("73502")),
    {
        Side.LEFT: (_loinc("42685-8", "XR Pelvis and Hip - left 2 Views"), _cpt("73502")),
        Side.RIGHT: (_loinc("42686-6", "XR Pelvis and Hip - right 2 Views"), _cpt("73502")),
    },
    studies=("img-xr-hip", "img-xr-pelvis"),
    body_site=_HIP,
)
XR_BOTH_HIPS_FROG = Orderable(
    "X-ray both hips, AP and frog-leg lateral",
    "imaging",
    (_loinc("69058-6", "XR Hip - bilateral 2 Views"),),
    studies=("img-xr-hip", "img-xr-pelvis"),
    body_site=_HIP,
)
XR_HIP = Orderable(
    "X-ray hip, 2 views",
    "imaging",
    (_loinc("36663-3", "XR Hip 2 Views"),),
    {
        Side.LEFT: (_loinc("36664-1", "XR Hip - left 2 Views"),),
        Side.RIGHT: (_loinc("37721-8", "XR Hip - right 2 Views"),),
    },
    studies=("img-xr-hip",),
    body_site=_HIP,
)
XR_SI = Orderable(
    "X-ray sacroiliac joints",
    "imaging",
    (_loinc("24900-3", "XR Sacroiliac Joint Views"),),
    studies=("img-xr-si",),
)
MRI_PELVIS = Orderable(
    "MRI pelvis without contrast",
    "imaging",
    (_loinc("30673-8", "MR Pelvis WO contrast"), _cpt("72195")),
    studies=("img-mri-pelvis", "img-mri-hip"),
)
MRI_PELVIS_AND_HIP = Orderable(
    "MRI pelvis and hip without contrast",
    "imaging",
    (_loinc("30671-2", "MR Pelvis and Hip WO contrast"),),
    studies=("img-mri-pelvis", "img-mri-hip"),
)
MRI_HIP = Orderable(
    "MRI hip without contrast",
    "imaging",
    (_loinc("30687-8", "MR Hip WO contrast"), _cpt("73721")),
    {
        Side.LEFT: (_loinc("36488-5", "MR Hip - left WO contrast"), _cpt("73721")),
        Side.RIGHT: (_loinc("36490-1", "MR Hip - right WO contrast"), _cpt("73721")),
        Side.BOTH: (_loinc("36486-9", "MR Hip - bilateral WO contrast"), _cpt("73721")),
    },
    studies=("img-mri-hip", "img-mri-pelvis"),
    body_site=_HIP,
)
MRI_BOTH_HIPS = Orderable(
    "MRI both hips without contrast",
    "imaging",
    (_loinc("36486-9", "MR Hip - bilateral WO contrast"),),
    studies=("img-mri-hip", "img-mri-pelvis"),
    body_site=_HIP,
)
MRI_PELVIS_CONTRAST = Orderable(
    "MRI pelvis without and with contrast (to include psoas and sacroiliac joints)",
    "imaging",
    (_cpt("72197"),),
    studies=("img-mri-pelvis",),
)
MRI_SACRUM = Orderable(
    "MRI pelvis including sacrum, without contrast",
    "imaging",
    (_loinc("36521-3", "MR Sacrum WO contrast"),),
    studies=("img-mri-sacroiliac", "img-mri-pelvis"),
)
MRI_SI = Orderable(
    "MRI sacroiliac joints without contrast",
    "imaging",
    (_loinc("36502-3", "MR Sacroiliac Joint WO contrast"),),
    studies=("img-mri-sacroiliac",),
)
MRI_LUMBAR = Orderable(
    "MRI lumbar spine without contrast",
    "imaging",
    (_loinc("30679-5", "MR Lumbar spine WO contrast"), _cpt("72148")),
    studies=("img-mri-lumbar",),
)
MRI_SPINE_CONTRAST = Orderable(
    "MRI lumbar spine without and with contrast",
    "imaging",
    (_loinc("24967-2", "MR Lumbar spine WO and W contrast IV"), _cpt("72158")),
    studies=("img-mri-lumbar",),
)
MRI_PLEXUS = Orderable(
    "MRI lumbosacral plexus with nerve sequences",
    "imaging",
    (_loinc("30866-8", "MR Lumbosacral plexus"),),
    studies=("img-mr-neurography",),
)
MRI_THIGH = Orderable(
    "MRI thigh including hamstring origin, without contrast",
    "imaging",
    (_loinc("36461-2", "MR Thigh WO contrast"),),
    studies=("img-mri-thigh",),
)
US_HIP = Orderable(
    "Ultrasound hip (effusion), with image-guided aspiration if fluid",
    "imaging",
    (_loinc("24760-1", "US Hip"),),
    {Side.LEFT: (_loinc("26251-9", "US Hip - left"),), Side.RIGHT: (_loinc("26252-7", "US Hip - right"),)},
    studies=("img-us-hip-gluteal",),
    body_site=_HIP,
)
DXA = Orderable(
    "DXA bone density",
    "imaging",
    (_loinc("38268-9", "DXA Skeletal system Views for bone density"),),
    studies=("img-dxa",),
)
DIAGNOSTIC_BLOCK = Orderable(
    "Ultrasound-guided diagnostic block, deep gluteal (local anaesthetic)",
    "procedure",
    (_loinc("87206-9", "Guidance for nerve block of Peripheral nerve"),),
    studies=("proc-us-guided-injection",),
    body_site=_BUTTOCK,
)
HIP_ASPIRATION = Orderable("Image-guided hip aspiration for culture and cell count", "procedure", body_site=_HIP)
PHYSIOTHERAPY = Orderable(
    "Referral to physiotherapy",
    "therapy",
    (_snomed("308447003", "Referral to physiotherapist (procedure)"),),
    studies=("referral-physical-therapy",),
)
HOME_EXERCISE = Orderable(
    "Home exercise programme",
    "therapy",
    (_snomed("51998003", "Therapeutic exercise (regime/therapy)"),),
    studies=("home-exercise",),
)
REFER_EMERGENCY = Orderable(
    "Emergency department, now",
    "referral",
    (_snomed("306104004", "Referral to accident and emergency service (procedure)"),),
    studies=("referral-emergency",),
)
REFER_ORTHOPAEDICS = Orderable(
    "Referral to orthopaedics",
    "referral",
    (_snomed("308481009", "Referral to orthopedic surgeon (procedure)"),),
    studies=("referral-orthopaedics",),
)
REFER_SPINE = Orderable(
    "Referral to spinal surgery",
    "referral",
    (_snomed("308482002", "Referral to neurosurgeon (procedure)"),),
    studies=("referral-spine-surgery",),
)
REFER_NEUROLOGY = Orderable(
    "Referral to neurology",
    "referral",
    (_snomed("308474002", "Referral to neurologist (procedure)"),),
    studies=("referral-neurology",),
)
REFER_RHEUMATOLOGY = Orderable(
    "Referral to rheumatology",
    "referral",
    (_snomed("306290009", "Referral to rheumatologist (procedure)"),),
    studies=("referral-rheumatology",),
)
REFER_ONCOLOGY = Orderable(
    "Referral to oncology",
    "referral",
    (_snomed("183529009", "Referral to oncologist (procedure)"),),
    studies=("referral-oncology",),
)
REFER_VASCULAR = Orderable(
    "Referral to vascular surgery",
    "referral",
    (_snomed("307777008", "Referral to vascular surgeon (procedure)"),),
    studies=("referral-vascular-surgery",),
)
REFER_PSYCHOLOGY = Orderable(
    "Referral to psychology (pain management)",
    "referral",
    (_snomed("308459004", "Referral to psychologist (procedure)"),),
    studies=("referral-clinical-psychology",),
)
REFER_PAIN = Orderable(
    "Referral to pain medicine",
    "referral",
    (_snomed("306265007", "Referral to pain management specialist (procedure)"),),
    studies=("referral-pain-medicine",),
)
REFER_SPORTS = Orderable(
    "Referral to sport and exercise medicine",
    "referral",
    (_snomed("715962007", "Referral to sport and exercise medicine service (procedure)"),),
    studies=("referral-sports-medicine",),
)
REFER_PAEDIATRIC_ORTHOPAEDICS = Orderable(
    "Referral to paediatric orthopaedics",
    "referral",
    (_snomed("183545006", "Referral to orthopedic service (procedure)"),),
    studies=("referral-orthopaedics",),
)
REFER_GYNAECOLOGY = Orderable("Referral to gynaecology", "referral")
REFER_PELVIC_FLOOR = Orderable("Referral to pelvic-floor physiotherapy", "referral")
REFER_SARCOMA = Orderable("Referral to the sarcoma pathway", "referral")
LAB_CRP = Orderable(
    "CRP",
    "laboratory",
    (_loinc("1988-5", "C reactive protein [Mass/volume] in Serum or Plasma"),),
    studies=("lab-crp",),
)
LAB_HLA_B27 = Orderable("HLA-B27", "laboratory", (_loinc("4821-5", "HLA-B27 [Presence]"),), studies=("lab-hla-b27",))
LABS_INFECTION = Orderable(
    "CRP, ESR, full blood count and blood cultures",
    "laboratory",
)
LABS_MALIGNANCY = Orderable(
    "Full blood count, calcium, ALP, ESR, CRP, creatinine, protein electrophoresis and serum free light chains",
    "laboratory",
)
LAB_RENAL = Orderable(
    "Creatinine and eGFR",
    "laboratory",
    (_loinc("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"),),
    studies=("lab-creatinine", "lab-egfr"),
)
LAB_PREGNANCY = Orderable(
    "Pregnancy test",
    "laboratory",
    (_loinc("2106-3", "Choriogonadotropin (pregnancy test) [Presence] in Urine"),),
    studies=("lab-pregnancy-test",),
)
ANKLE_BRACHIAL_INDEX = Orderable("Ankle-brachial index at rest and after exercise", "procedure")
AORTOILIAC_IMAGING = Orderable(
    "Arterial duplex or CT angiography, aorta and iliac arteries", "imaging", studies=("img-aortoiliac",)
)
AORTA_IMAGING = Orderable("Ultrasound or CT angiography of the aorta", "imaging", studies=("img-aortoiliac",))
LEG_VEIN_DUPLEX = Orderable("Venous duplex of the leg", "imaging", studies=("img-leg-duplex",))
CT_PELVIS_BLEED = Orderable(
    "CT or ultrasound of pelvis and thigh for haematoma", "imaging", studies=("img-ct-hip-pelvis",)
)
PELVIC_ULTRASOUND = Orderable("Transvaginal or pelvic ultrasound", "imaging")
LABS_BLEED = Orderable("Full blood count, clotting screen and group and save", "laboratory")
US_GLUTEAL = Orderable("Ultrasound of the gluteal mass", "imaging", studies=("img-us-hip-gluteal",))
