-- A small part of the Viewpoint Vista schema: what the demo models are asked about.
-- Every relation is written as CREATE TABLE; the comment above it says what it is:
--   "view NAME (base table BASE): description"   or   "table NAME: description".
-- Columns are a selection (20 at most). bCompany, bMonth and the like are Vista's own types;
-- sql_variant stands where the type isn't known. Names are case-sensitive in Vista.

-- ===== AP =====

-- view APTH (base table bAPTH): AP Transaction Header
CREATE TABLE [dbo].[APTH] (
    [APCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [APTrans] bTrans NOT NULL,
    [VendorGroup] bGroup NOT NULL,
    [Vendor] bVendor NOT NULL,
    [InvId] char(10),
    [APRef] bAPReference,
    [Description] bDesc,
    [InvDate] bDate NOT NULL,
    [DiscDate] bDate,
    [DueDate] bDate NOT NULL,
    [InvTotal] bDollar NOT NULL,
    [HoldCode] bHoldCode,
    [PayControl] varchar(10),
    [PayMethod] char(1) NOT NULL,
    [CMCo] bCompany NOT NULL,
    [CMAcct] bCMAcct,
    [PrePaidYN] bYN NOT NULL,
    [PrePaidMth] bMonth,
    [PrePaidDate] bDate,
    PRIMARY KEY ([APCo], [Mth], [APTrans])
);

-- view APTL (base table bAPTL): AP Transaction Line
CREATE TABLE [dbo].[APTL] (
    [APCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [APTrans] bTrans NOT NULL,
    [APLine] smallint NOT NULL,
    [LineType] tinyint NOT NULL,
    [PO] varchar(30),
    [POItem] bItem,
    [ItemType] tinyint,
    [SL] varchar(30),
    [SLItem] bItem,
    [JCCo] bCompany,
    [Job] bJob,
    [PhaseGroup] bGroup,
    [Phase] bPhase,
    [JCCType] bJCCType,
    [EMCo] bCompany,
    [WO] bWO,
    [WOItem] bItem,
    [Equip] bEquip,
    [EMGroup] bGroup,
    PRIMARY KEY ([APCo], [Mth], [APTrans], [APLine])
);

-- view APTD (base table bAPTD): AP Transaction Detail
CREATE TABLE [dbo].[APTD] (
    [APCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [APTrans] bTrans NOT NULL,
    [APLine] smallint NOT NULL,
    [APSeq] tinyint NOT NULL,
    [PayType] tinyint NOT NULL,
    [Amount] bDollar NOT NULL,
    [DiscOffer] bDollar NOT NULL,
    [DiscTaken] bDollar NOT NULL,
    [DueDate] bDate NOT NULL,
    [Status] tinyint NOT NULL,
    [PaidMth] bMonth,
    [PaidDate] bDate,
    [CMCo] bCompany,
    [CMAcct] bCMAcct,
    [PayMethod] char(1),
    [CMRef] bCMRef,
    [CMRefSeq] tinyint,
    [EFTSeq] smallint,
    [VendorGroup] bGroup,
    PRIMARY KEY ([APCo], [Mth], [APTrans], [APLine], [APSeq])
);

-- view APVM (base table bAPVM): AP Vendor Master
CREATE TABLE [dbo].[APVM] (
    [VendorGroup] bGroup NOT NULL,
    [Vendor] bVendor NOT NULL,
    [SortName] bSortName NOT NULL,
    [Name] varchar(60),
    [Type] char(1) NOT NULL,
    [TempYN] bYN NOT NULL,
    [Contact] varchar(30),
    [Phone] bPhone,
    [Fax] bPhone,
    [EMail] varchar(255),
    [URL] varchar(60),
    [Address] varchar(60),
    [City] varchar(30),
    [State] varchar(4),
    [Zip] bZip,
    [Address2] varchar(60),
    [POAddress] varchar(60),
    [POCity] varchar(30),
    [POState] varchar(4),
    [POZip] bZip,
    PRIMARY KEY ([VendorGroup], [Vendor])
);

-- view APCO (base table bAPCO): AP Company Parameters
CREATE TABLE [dbo].[APCO] (
    [APCo] bCompany NOT NULL,
    [GLCo] bCompany NOT NULL,
    [ExpJrnl] bJrnl,
    [GLExpInterfaceLvl] tinyint NOT NULL,
    [GLExpSummaryDesc] varchar(60),
    [GLExpTransDesc] varchar(60),
    [GLJobDetailDesc] varchar(60),
    [GLInvDetailDesc] varchar(60),
    [GLEquipDetailDesc] varchar(60),
    [GLExpDetailDesc] varchar(60),
    [PayJrnl] bJrnl,
    [GLPayInterfaceLvl] tinyint NOT NULL,
    [GLPayDetailDesc] varchar(60),
    [GLPaySummaryDesc] varchar(60),
    [DiscOffGLAcct] bGLAcct,
    [DiscTakenGLAcct] bGLAcct,
    [ExpPayType] tinyint,
    [JobPayType] tinyint,
    [SubPayType] tinyint,
    [RetPayType] tinyint,
    PRIMARY KEY ([APCo])
);

-- view APHB (base table bAPHB): AP Transaction Header Batch
CREATE TABLE [dbo].[APHB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [BatchTransType] char(1) NOT NULL,
    [APTrans] bTrans,
    [VendorGroup] bGroup NOT NULL,
    [Vendor] bVendor NOT NULL,
    [APRef] bAPReference,
    [Description] bDesc,
    [InvDate] bDate NOT NULL,
    [DiscDate] bDate,
    [DueDate] bDate NOT NULL,
    [InvTotal] bDollar NOT NULL,
    [HoldCode] bHoldCode,
    [PayControl] varchar(10),
    [PayMethod] char(1) NOT NULL,
    [CMCo] bCompany NOT NULL,
    [CMAcct] bCMAcct,
    [PrePaidYN] bYN NOT NULL,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq])
);

-- view APLB (base table bAPLB): AP Transaction Line Batch
CREATE TABLE [dbo].[APLB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [APLine] smallint NOT NULL,
    [BatchTransType] char(1) NOT NULL,
    [LineType] tinyint NOT NULL,
    [PO] varchar(30),
    [POItem] bItem,
    [ItemType] tinyint,
    [SL] varchar(30),
    [SLItem] bItem,
    [JCCo] bCompany,
    [Job] bJob,
    [PhaseGroup] bGroup,
    [Phase] bPhase,
    [JCCType] bJCCType,
    [EMCo] bCompany,
    [WO] bWO,
    [WOItem] bItem,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq], [APLine])
);

-- view APPH (base table bAPPH): AP Payment Header
CREATE TABLE [dbo].[APPH] (
    [APCo] bCompany NOT NULL,
    [CMCo] bCompany NOT NULL,
    [CMAcct] bCMAcct NOT NULL,
    [PayMethod] char(1) NOT NULL,
    [CMRef] bCMRef NOT NULL,
    [CMRefSeq] tinyint NOT NULL,
    [EFTSeq] smallint NOT NULL,
    [VendorGroup] bGroup,
    [Vendor] bVendor,
    [Name] varchar(60),
    [Address] varchar(60),
    [City] varchar(30),
    [State] varchar(4),
    [Zip] bZip,
    [ChkType] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    PRIMARY KEY ([APCo], [CMCo], [CMAcct], [PayMethod], [CMRef], [CMRefSeq], [EFTSeq])
);

-- view APPD (base table bAPPD): AP Payment Detail
CREATE TABLE [dbo].[APPD] (
    [APCo] bCompany NOT NULL,
    [CMCo] bCompany NOT NULL,
    [CMAcct] bCMAcct NOT NULL,
    [PayMethod] char(1),
    [CMRef] bCMRef,
    [CMRefSeq] tinyint,
    [EFTSeq] smallint,
    [Mth] bMonth,
    [APTrans] bTrans,
    [APRef] bAPReference,
    [Description] bDesc,
    [InvDate] bDate,
    [Gross] sql_variant,
    [Retainage] sql_variant,
    [PrevPaid] sql_variant
);

-- view APPB (base table bAPPB): AP Payment Header Batch
CREATE TABLE [dbo].[APPB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [CMCo] bCompany,
    [CMAcct] bCMAcct,
    [PayMethod] char(1),
    [CMRef] bCMRef,
    [CMRefSeq] tinyint,
    [EFTSeq] smallint,
    [ChkType] sql_variant,
    [VendorGroup] bGroup,
    [Vendor] bVendor,
    [Name] varchar(60),
    [Address] varchar(60),
    [Amount] bDollar,
    [VoidYN] sql_variant,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq])
);

-- view APDB (base table bAPDB): AP Payment Detail Batch
CREATE TABLE [dbo].[APDB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int,
    [ExpMth] sql_variant,
    [APTrans] bTrans,
    [APLine] smallint,
    [APSeq] tinyint,
    [PayType] tinyint,
    [Amount] bDollar,
    [DiscTaken] bDollar,
    [PayCategory] int,
    [TotTaxAmount] bDollar
);

-- view APHD (base table bAPHD): AP Transaction Hold Detail
CREATE TABLE [dbo].[APHD] (
    [APCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [APTrans] bTrans NOT NULL,
    [APLine] smallint NOT NULL,
    [APSeq] tinyint NOT NULL,
    [HoldCode] bHoldCode NOT NULL,
    PRIMARY KEY ([APCo], [Mth], [APTrans], [APLine], [APSeq], [HoldCode])
);

-- view APUI (base table bAPUI): AP Unapproved Invoice
CREATE TABLE [dbo].[APUI] (
    [APCo] bCompany NOT NULL,
    [UIMth] bMonth NOT NULL,
    [UISeq] smallint NOT NULL,
    [VendorGroup] bGroup,
    [Vendor] bVendor,
    [APRef] bAPReference,
    [Description] bDesc,
    [InvDate] bDate,
    [DiscDate] bDate,
    [DueDate] bDate,
    [InvTotal] bDollar,
    [HoldCode] bHoldCode,
    [PayControl] varchar(10),
    [PayMethod] char(1),
    [CMCo] bCompany,
    [UniqueAttchID] uniqueidentifier,
    PRIMARY KEY ([APCo], [UIMth], [UISeq])
);

-- view APUL (base table bAPUL): AP Unapproved Invoice Lines
CREATE TABLE [dbo].[APUL] (
    [APCo] bCompany NOT NULL,
    [UIMth] bMonth NOT NULL,
    [UISeq] smallint NOT NULL,
    [Line] smallint NOT NULL,
    [LineType] tinyint,
    [PO] varchar(30),
    [POItem] bItem,
    [ItemType] tinyint,
    [SL] varchar(30),
    [SLItem] bItem,
    [JCCo] bCompany,
    [Job] bJob,
    [PhaseGroup] bGroup,
    [Phase] bPhase,
    [JCCType] bJCCType,
    [CompType] varchar(10),
    [Component] bEquip,
    [Discount] sql_variant,
    [EMCo] bCompany,
    [Equip] bEquip,
    PRIMARY KEY ([APCo], [UIMth], [UISeq], [Line])
);

-- view APUR (base table bAPUR): AP Unapproved Reviewers
CREATE TABLE [dbo].[APUR] (
    [APCo] bCompany NOT NULL,
    [UIMth] bMonth NOT NULL,
    [UISeq] smallint NOT NULL,
    [Reviewer] sql_variant,
    [ApprvdYN] sql_variant,
    [Line] smallint,
    [ApprovalSeq] sql_variant,
    [DateAssigned] sql_variant,
    [DateApproved] sql_variant,
    [AmountApproved] sql_variant,
    [Rejected] sql_variant,
    [RejReason] sql_variant,
    [APTrans] bTrans,
    [ExpMonth] sql_variant,
    [Memo] sql_variant,
    [KeyID] bigint
);

-- view APVC (base table bAPVC): AP Vendor Compliance Codes
CREATE TABLE [dbo].[APVC] (
    [VendorGroup] bGroup NOT NULL,
    [Vendor] bVendor NOT NULL,
    [CompCode] bCompCode NOT NULL,
    [APCo] bCompany NOT NULL,
    [Verify] sql_variant,
    [ExpDate] sql_variant,
    [Complied] sql_variant,
    [Memo] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    PRIMARY KEY ([VendorGroup], [Vendor], [CompCode])
);

-- view APPC (base table bAPPC): AP Payable Category
CREATE TABLE [dbo].[APPC] (
    [APCo] bCompany NOT NULL,
    [PayCategory] int NOT NULL,
    [ExpPayType] tinyint,
    [JobPayType] tinyint,
    [SubPayType] tinyint,
    [RetPayType] tinyint,
    [DiscOffGLAcct] bGLAcct,
    [DiscTakenGLAcct] bGLAcct,
    [Description] bDesc,
    [Notes] sql_variant,
    [GLCo] bCompany,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    [SMPayType] sql_variant,
    PRIMARY KEY ([APCo], [PayCategory])
);

-- view APPT (base table bAPPT): AP Payable Type
CREATE TABLE [dbo].[APPT] (
    [APCo] bCompany NOT NULL,
    [PayType] tinyint NOT NULL,
    [Description] bDesc,
    [GLCo] bCompany,
    [GLAcct] bGLAcct,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [PayCategory] int,
    [KeyID] bigint,
    PRIMARY KEY ([APCo], [PayType])
);

-- view APRH (base table bAPRH): AP Recurring Invoice Header
CREATE TABLE [dbo].[APRH] (
    [APCo] bCompany NOT NULL,
    [VendorGroup] bGroup NOT NULL,
    [Vendor] bVendor NOT NULL,
    [InvId] char(10) NOT NULL,
    [Description] bDesc,
    [PayTerms] bPayTerms,
    [HoldCode] bHoldCode,
    [Frequency] bFreq,
    [MnthlyYN] sql_variant,
    [InvDay] sql_variant,
    [PayControl] varchar(10),
    [PayMethod] char(1),
    [CMCo] bCompany,
    [CMAcct] bCMAcct,
    [V1099YN] bYN,
    PRIMARY KEY ([APCo], [VendorGroup], [Vendor], [InvId])
);

-- view APRL (base table bAPRL): AP Recurring Invoice Line
CREATE TABLE [dbo].[APRL] (
    [APCo] bCompany NOT NULL,
    [VendorGroup] bGroup NOT NULL,
    [Vendor] bVendor NOT NULL,
    [InvId] char(10) NOT NULL,
    [Line] smallint NOT NULL,
    [LineType] tinyint,
    [PO] varchar(30),
    [POItem] bItem,
    [ItemType] tinyint,
    [SL] varchar(30),
    [SLItem] bItem,
    [JCCo] bCompany,
    [Job] bJob,
    [PhaseGroup] bGroup,
    [Phase] bPhase,
    [CompType] varchar(10),
    [Component] bEquip,
    [EMCo] bCompany,
    [Equip] bEquip,
    PRIMARY KEY ([APCo], [VendorGroup], [Vendor], [InvId], [Line])
);

-- view APVH (base table bAPVH): AP Vendor Hold Codes
CREATE TABLE [dbo].[APVH] (
    [APCo] bCompany NOT NULL,
    [VendorGroup] bGroup NOT NULL,
    [Vendor] bVendor NOT NULL,
    [HoldCode] bHoldCode NOT NULL,
    [Memo] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    PRIMARY KEY ([APCo], [VendorGroup], [Vendor], [HoldCode])
);

-- view APOnCostType (base table vAPOnCostType): AP On-Cost Types
CREATE TABLE [dbo].[APOnCostType] (
    [KeyID] bigint NOT NULL,
    [APCo] bCompany NOT NULL,
    [OnCostID] tinyint NOT NULL,
    [Description] bDesc,
    [CalcMethod] sql_variant,
    [Rate] sql_variant,
    [Amount] bDollar,
    [PayType] tinyint,
    [ATOCategory] sql_variant,
    [VendorGrp] sql_variant,
    [OnCostVendor] sql_variant,
    [Notes] sql_variant,
    [JobExpOpt] sql_variant,
    [CostType] bJCCType,
    [JobExpAcct] sql_variant
);

-- view APUnappInvStatus: Review and approval status of unapproved invoices by line
CREATE TABLE [dbo].[APUnappInvStatus] (
    [APCo] bCompany NOT NULL,
    [UniqueAttchID] uniqueidentifier,
    [Reviewer] sql_variant NOT NULL,
    [ReviewerName] sql_variant,
    [ReviewerGroup] sql_variant,
    [UIMth] bMonth,
    [UISeq] smallint,
    [InvDate] bDate,
    [InvTotal] bDollar,
    [InvStatus] sql_variant,
    [Vendor] bVendor,
    [VendorName] sql_variant,
    [APRef] bAPReference,
    [Line] smallint,
    [LineType] tinyint
);

-- ===== AR =====

-- view ARCM (base table bARCM): AR Customer Master
CREATE TABLE [dbo].[ARCM] (
    [CustGroup] bGroup NOT NULL,
    [Customer] bCustomer NOT NULL,
    [Name] varchar(60),
    [SortName] bSortName NOT NULL,
    [TempYN] bYN NOT NULL,
    [Phone] bPhone,
    [Fax] bPhone,
    [EMail] varchar(255),
    [URL] varchar(60),
    [Contact] varchar(30),
    [ContactExt] varchar(10),
    [Address] varchar(60),
    [City] varchar(30),
    [State] varchar(4),
    [Zip] bZip,
    [Address2] varchar(60),
    [BillAddress] varchar(60),
    [BillCity] varchar(30),
    [BillState] varchar(4),
    [BillZip] bZip,
    PRIMARY KEY ([CustGroup], [Customer])
);

-- view ARCO (base table bARCO): AR Company Parameters
CREATE TABLE [dbo].[ARCO] (
    [ARCo] bCompany NOT NULL,
    [GLCo] bCompany,
    [CMCo] bCompany,
    [CMAcct] bCMAcct,
    [CMInterface] tinyint NOT NULL,
    [CMSummaryDesc] varchar(30),
    [JCCo] bCompany,
    [JCInterface] tinyint NOT NULL,
    [FCLevel] tinyint NOT NULL,
    [FCCalcOnFC] bYN NOT NULL,
    [FCPct] bPct NOT NULL,
    [FCMinChrg] bDollar NOT NULL,
    [FCMinBal] bDollar NOT NULL,
    [FCFinOrServ] char(1),
    [FCRecType] tinyint,
    [GLInvLev] tinyint,
    [InvoiceJrnl] bJrnl,
    [GLInvSummaryDesc] varchar(60),
    [GLInvDetailDesc] varchar(60),
    [GLPayLev] tinyint,
    PRIMARY KEY ([ARCo])
);

-- view ARTH (base table bARTH): AR Transaction Header
CREATE TABLE [dbo].[ARTH] (
    [ARCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [ARTrans] bTrans NOT NULL,
    [ARTransType] char(1) NOT NULL,
    [CustGroup] bGroup NOT NULL,
    [Customer] bCustomer,
    [CustRef] varchar(20),
    [CustPO] varchar(20),
    [RecType] tinyint,
    [JCCo] bCompany,
    [Contract] bContract,
    [Invoice] varchar(10),
    [CheckNo] varchar(10),
    [Source] char(10) NOT NULL,
    [MSCo] bCompany,
    [TransDate] bDate NOT NULL,
    [DueDate] bDate,
    [DiscDate] bDate,
    [CheckDate] bDate,
    [Description] bDesc,
    PRIMARY KEY ([ARCo], [Mth], [ARTrans])
);

-- view ARTL (base table bARTL): AR Transaction Lines
CREATE TABLE [dbo].[ARTL] (
    [ARCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [ARTrans] bTrans NOT NULL,
    [ARLine] sql_variant NOT NULL,
    [RecType] tinyint,
    [LineType] tinyint,
    [Description] bDesc,
    [GLCo] bCompany,
    [GLAcct] bGLAcct,
    [TaxGroup] bGroup,
    [TaxCode] bTaxCode,
    [Amount] bDollar,
    [TaxBasis] sql_variant,
    [TaxAmount] sql_variant,
    [RetgPct] sql_variant,
    [ApplyLine] sql_variant,
    [ApplyMth] sql_variant,
    [ApplyTrans] sql_variant,
    [Contract] bContract,
    [INCo] bCompany,
    PRIMARY KEY ([ARCo], [Mth], [ARTrans], [ARLine])
);

-- view ARBH (base table bARBH): AR Transaction Header Batch
CREATE TABLE [dbo].[ARBH] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [TransType] sql_variant,
    [ARTrans] bTrans,
    [Source] bSource,
    [ARTransType] char(1),
    [CustGroup] bGroup,
    [Customer] bCustomer,
    [RecType] tinyint,
    [JCCo] bCompany,
    [Contract] bContract,
    [CustRef] varchar(20),
    [CustPO] varchar(20),
    [CMAcct] bCMAcct,
    [CMCo] bCompany,
    [CMDeposit] bCMRef,
    [TransDate] bMonth,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq])
);

-- view ARBL (base table bARBL): AR Transaction Line Batch
CREATE TABLE [dbo].[ARBL] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [ARLine] sql_variant NOT NULL,
    [TransType] sql_variant,
    [ARTrans] bTrans,
    [RecType] tinyint,
    [LineType] tinyint,
    [Description] bDesc,
    [GLCo] bCompany,
    [GLAcct] bGLAcct,
    [TaxGroup] bGroup,
    [TaxCode] bTaxCode,
    [Amount] bDollar,
    [ApplyLine] sql_variant,
    [ApplyMth] sql_variant,
    [ApplyTrans] sql_variant,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq], [ARLine])
);

-- view ARBI (base table bARBI): AR Contract Batch
CREATE TABLE [dbo].[ARBI] (
    [ARCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [JCCo] bCompany,
    [Contract] bContract,
    [Item] bContractItem,
    [BatchSeq] int,
    [ARTrans] bTrans,
    [ARLine] sql_variant,
    [OldNew] int,
    [Description] bDesc,
    [ActualDate] bDate,
    [GLCo] bCompany,
    [GLAcct] bGLAcct,
    [Invoice] varchar(10)
);

-- view ARMT (base table bARMT): AR Customer Monthly Totals
CREATE TABLE [dbo].[ARMT] (
    [ARCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [CustGroup] bGroup NOT NULL,
    [Customer] bCustomer NOT NULL,
    [Invoiced] sql_variant,
    [Retainage] sql_variant,
    [Paid] sql_variant,
    [DiscountTaken] sql_variant,
    [HighestCredit] sql_variant,
    [NumInvPaid] sql_variant,
    [PayDaysTrDt] sql_variant,
    [PayDaysDueDt] sql_variant,
    [LastInvDate] sql_variant,
    [LastPayDate] sql_variant,
    [FinanceChg] sql_variant,
    PRIMARY KEY ([ARCo], [Mth], [CustGroup], [Customer])
);

-- view ARRT (base table bARRT): AR Receivable Types
CREATE TABLE [dbo].[ARRT] (
    [ARCo] bCompany NOT NULL,
    [RecType] tinyint NOT NULL,
    [Description] bDesc,
    [Abbrev] sql_variant,
    [GLCo] bCompany,
    [GLARAcct] sql_variant,
    [GLRevAcct] sql_variant,
    [GLRetainAcct] sql_variant,
    [GLDiscountAcct] sql_variant,
    [GLWriteOffAcct] sql_variant,
    [GLFinChgAcct] sql_variant,
    [GLFCWriteOffAcct] sql_variant,
    [GLARFCRecvAcct] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    PRIMARY KEY ([ARCo], [RecType])
);

-- view ARMD (base table bARMD): AR Miscellaneous Distributions
CREATE TABLE [dbo].[ARMD] (
    [ARCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [ARTrans] bTrans NOT NULL,
    [CustGroup] bGroup,
    [MiscDistCode] sql_variant,
    [DistDate] sql_variant,
    [Description] bDesc,
    [Amount] bDollar
);

-- view ARAA (base table bARAA): AR Auto Apply Processing
CREATE TABLE [dbo].[ARAA] (
    [VPUserName] bVPUserName NOT NULL,
    [TransDate] bMonth,
    [Invoice] varchar(10),
    [ARCo] bCompany,
    [Mth] bMonth,
    [ARTrans] bTrans
);

-- view ARCN (base table bARCN): AR Credit Notes
CREATE TABLE [dbo].[ARCN] (
    [CustGroup] bGroup NOT NULL,
    [Customer] bCustomer NOT NULL,
    [Seq] int NOT NULL,
    [Date] bDate,
    [Contact] varchar(30),
    [Followup] sql_variant,
    [Invoice] varchar(10),
    [Resolved] sql_variant,
    [UserID] int,
    [Summary] sql_variant,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [CreatedDate] bDate,
    [KeyID] bigint,
    [ARCo] bCompany
);

-- ===== JC =====

-- view JCJM (base table bJCJM): JC Job Master
CREATE TABLE [dbo].[JCJM] (
    [JCCo] bCompany NOT NULL,
    [Job] bJob NOT NULL,
    [Description] bItemDesc,
    [Contract] bContract,
    [JobStatus] tinyint NOT NULL,
    [BidNumber] varchar(10),
    [LockPhases] bYN NOT NULL,
    [ProjectMgr] int,
    [JobPhone] bPhone,
    [JobFax] bPhone,
    [MailAddress] varchar(60),
    [MailCity] varchar(30),
    [MailState] varchar(4),
    [MailZip] bZip,
    [MailAddress2] varchar(60),
    [ShipAddress] varchar(60),
    [ShipCity] varchar(30),
    [ShipState] varchar(4),
    [ShipZip] bZip,
    [ShipAddress2] varchar(60),
    PRIMARY KEY ([JCCo], [Job])
);

-- view JCCD (base table bJCCD): JC Cost Detail
CREATE TABLE [dbo].[JCCD] (
    [JCCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [CostTrans] bTrans NOT NULL,
    [Job] bJob NOT NULL,
    [PhaseGroup] bGroup NOT NULL,
    [Phase] bPhase NOT NULL,
    [CostType] bJCCType NOT NULL,
    [PostedDate] bDate NOT NULL,
    [ActualDate] bDate NOT NULL,
    [JCTransType] varchar(2) NOT NULL,
    [Source] bSource NOT NULL,
    [Description] bTransDesc,
    [BatchId] bBatchID,
    [InUseBatchId] bBatchID,
    [GLCo] bCompany,
    [GLTransAcct] bGLAcct,
    [GLOffsetAcct] bGLAcct,
    [ReversalStatus] tinyint NOT NULL,
    [UM] bUM,
    [ActualUnitCost] bUnitCost NOT NULL,
    PRIMARY KEY ([JCCo], [Mth], [CostTrans])
);

-- view JCCH (base table bJCCH): JC Cost Header
CREATE TABLE [dbo].[JCCH] (
    [JCCo] bCompany NOT NULL,
    [Job] bJob NOT NULL,
    [PhaseGroup] tinyint NOT NULL,
    [Phase] bPhase NOT NULL,
    [CostType] bJCCType NOT NULL,
    [UM] bUM NOT NULL,
    [BillFlag] char(1) NOT NULL,
    [ItemUnitFlag] bYN NOT NULL,
    [PhaseUnitFlag] bYN NOT NULL,
    [BuyOutYN] bYN NOT NULL,
    [LastProjDate] smalldatetime,
    [Plugged] bYN NOT NULL,
    [ActiveYN] bYN NOT NULL,
    [OrigHours] bHrs NOT NULL,
    [OrigUnits] bUnits NOT NULL,
    [OrigCost] bDollar NOT NULL,
    [ProjNotes] sql_variant,
    [SourceStatus] char(1) NOT NULL,
    [InterfaceDate] bDate,
    [Notes] sql_variant,
    PRIMARY KEY ([JCCo], [Job], [PhaseGroup], [Phase], [CostType])
);

-- view JCCI (base table bJCCI): JC Contract Items
CREATE TABLE [dbo].[JCCI] (
    [JCCo] bCompany NOT NULL,
    [Contract] bContract NOT NULL,
    [Item] bContractItem NOT NULL,
    [BilledAmt] bDollar,
    [ContractAmt] bDollar,
    [CurrentRetainAmt] bDollar,
    [Description] bDesc,
    [Notes] sql_variant,
    [OrigContractAmt] bDollar,
    [OrigContractUnits] sql_variant,
    [OrigUnitPrice] sql_variant,
    [ReceivedAmt] bDollar,
    [SICode] sql_variant,
    [StartMonth] bMonth,
    [UM] bUM,
    [RetainPCT] sql_variant,
    PRIMARY KEY ([JCCo], [Contract], [Item])
);

-- view JCCM (base table bJCCM): JC Contract Master
CREATE TABLE [dbo].[JCCM] (
    [JCCo] bCompany NOT NULL,
    [Contract] bContract NOT NULL,
    [Description] bItemDesc,
    [Department] bDept NOT NULL,
    [ContractStatus] tinyint NOT NULL,
    [OriginalDays] smallint NOT NULL,
    [CurrentDays] smallint NOT NULL,
    [StartMonth] bMonth NOT NULL,
    [MonthClosed] bMonth,
    [ProjCloseDate] bDate,
    [ActualCloseDate] bDate,
    [CustGroup] bGroup,
    [Customer] bCustomer,
    [PayTerms] bPayTerms,
    [TaxInterface] bYN NOT NULL,
    [TaxGroup] bGroup,
    [TaxCode] bTaxCode,
    [RetainagePCT] bPct NOT NULL,
    [DefaultBillType] bbilltype NOT NULL,
    [OrigContractAmt] bDollar NOT NULL,
    PRIMARY KEY ([JCCo], [Contract])
);

-- view JCCO (base table bJCCO): JC Company Parameters
CREATE TABLE [dbo].[JCCO] (
    [JCCo] bCompany NOT NULL,
    [ValidPhaseChars] sql_variant,
    [PostClosedJobs] sql_variant,
    [UseJobBilling] sql_variant,
    [DefaultBillType] bbilltype,
    [ARCo] bCompany,
    [INCo] bCompany,
    [GLCo] bCompany,
    [GLCostLevel] sql_variant,
    [GLCostOveride] sql_variant,
    [GLCloseJournal] sql_variant,
    [GLCostJournal] sql_variant,
    [GLMatJournal] sql_variant,
    [GLMiscMatAcct] sql_variant,
    [GLRevJournal] sql_variant,
    [PRCo] bCompany,
    [ProjMinPct] bPct,
    PRIMARY KEY ([JCCo])
);

-- view JCCP (base table bJCCP): JC Cost By Period
CREATE TABLE [dbo].[JCCP] (
    [JCCo] bCompany NOT NULL,
    [Job] bJob NOT NULL,
    [PhaseGroup] bGroup NOT NULL,
    [Phase] bPhase NOT NULL,
    [CostType] bJCCType NOT NULL,
    [Mth] bMonth NOT NULL,
    [ActualHours] bHrs NOT NULL,
    [ActualUnits] bUnits NOT NULL,
    [ActualCost] bDollar NOT NULL,
    [OrigEstHours] bHrs NOT NULL,
    [OrigEstUnits] bUnits NOT NULL,
    [OrigEstCost] bDollar NOT NULL,
    [CurrEstHours] bHrs NOT NULL,
    [CurrEstUnits] bUnits NOT NULL,
    [CurrEstCost] bDollar NOT NULL,
    [ProjHours] bHrs NOT NULL,
    [ProjUnits] bUnits NOT NULL,
    [ProjCost] bDollar NOT NULL,
    [ForecastHours] bHrs NOT NULL,
    [ForecastUnits] bUnits NOT NULL,
    PRIMARY KEY ([JCCo], [Job], [PhaseGroup], [Phase], [CostType], [Mth])
);

-- view JCCT (base table bJCCT): JC Cost Types
CREATE TABLE [dbo].[JCCT] (
    [PhaseGroup] tinyint NOT NULL,
    [CostType] bJCCType NOT NULL,
    [Description] bDesc,
    [Abbreviation] varchar(10),
    [TrackHours] bYN,
    [LinkProgress] bJCCType,
    [Notes] sql_variant,
    [JBCostTypeCategory] char(1),
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint NOT NULL,
    PRIMARY KEY ([PhaseGroup], [CostType])
);

-- view JCDM (base table bJCDM): JC Department Master
CREATE TABLE [dbo].[JCDM] (
    [JCCo] bCompany NOT NULL,
    [Department] bDept NOT NULL,
    [Description] bDesc,
    [GLCo] bCompany,
    [OpenRevAcct] sql_variant,
    PRIMARY KEY ([JCCo], [Department])
);

-- view JCID (base table bJCID): JC Contract Item Detail
CREATE TABLE [dbo].[JCID] (
    [JCCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [ItemTrans] bTrans NOT NULL,
    [Contract] bContract,
    [Item] bContractItem,
    [ARCo] bCompany,
    [ARTrans] bTrans,
    [ActualDate] bDate,
    [BilledAmt] bDollar,
    [BilledUnits] sql_variant,
    [ContractAmt] bDollar,
    [ContractUnits] sql_variant,
    [TransSource] sql_variant,
    [UnitPrice] sql_variant,
    [ACOJob] sql_variant,
    PRIMARY KEY ([JCCo], [Mth], [ItemTrans])
);

-- view JCIP (base table bJCIP): JC Contract Item By Period
CREATE TABLE [dbo].[JCIP] (
    [JCCo] bCompany NOT NULL,
    [Contract] bContract NOT NULL,
    [Item] bContractItem NOT NULL,
    [Mth] bMonth NOT NULL,
    [OrigContractAmt] bDollar,
    [OrigContractUnits] sql_variant,
    [OrigUnitPrice] sql_variant,
    [ContractAmt] bDollar,
    [ContractUnits] sql_variant,
    [CurrentUnitPrice] sql_variant,
    [BilledUnits] sql_variant,
    [BilledAmt] bDollar,
    [ReceivedAmt] bDollar,
    [CurrentRetainAmt] bDollar,
    [BilledTax] sql_variant,
    PRIMARY KEY ([JCCo], [Contract], [Item], [Mth])
);

-- view JCJP (base table bJCJP): JC Job Phases
CREATE TABLE [dbo].[JCJP] (
    [JCCo] bCompany NOT NULL,
    [Job] bJob NOT NULL,
    [PhaseGroup] tinyint NOT NULL,
    [Phase] bPhase NOT NULL,
    [Description] bItemDesc,
    [Contract] bContract NOT NULL,
    [Item] bContractItem NOT NULL,
    [ProjMinPct] bPct,
    [ActiveYN] bYN NOT NULL,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint NOT NULL,
    [InsCode] bInsCode,
    PRIMARY KEY ([JCCo], [Job], [PhaseGroup], [Phase])
);

-- view JCPC (base table bJCPC): JC Phase Cost Types
CREATE TABLE [dbo].[JCPC] (
    [PhaseGroup] bGroup NOT NULL,
    [Phase] bPhase NOT NULL,
    [CostType] bJCCType NOT NULL,
    [BillFlag] char(1),
    [UM] bUM,
    [ItemUnitFlag] bYN,
    [PhaseUnitFlag] bYN,
    PRIMARY KEY ([PhaseGroup], [Phase], [CostType])
);

-- view JCPM (base table bJCPM): JC Phase Master
CREATE TABLE [dbo].[JCPM] (
    [PhaseGroup] bGroup NOT NULL,
    [Phase] bPhase NOT NULL,
    [Description] bDesc,
    [ProjMinPct] bPct,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    PRIMARY KEY ([PhaseGroup], [Phase])
);

-- view JCMP (base table bJCMP): JC Project Managers
CREATE TABLE [dbo].[JCMP] (
    [JCCo] bCompany NOT NULL,
    [ProjectMgr] int NOT NULL,
    PRIMARY KEY ([JCCo], [ProjectMgr])
);

-- view JCOD (base table bJCOD): JC Change Order Detail
CREATE TABLE [dbo].[JCOD] (
    [JCCo] bCompany NOT NULL,
    [Job] bJob NOT NULL,
    [ACO] sql_variant NOT NULL,
    [ACOItem] sql_variant NOT NULL,
    [PhaseGroup] bGroup NOT NULL,
    [Phase] bPhase NOT NULL,
    [CostType] bJCCType NOT NULL,
    PRIMARY KEY ([JCCo], [Job], [ACO], [ACOItem], [PhaseGroup], [Phase], [CostType])
);

-- view JCOH (base table bJCOH): JC Change Order Header
CREATE TABLE [dbo].[JCOH] (
    [JCCo] bCompany NOT NULL,
    [Job] bJob NOT NULL,
    [ACO] sql_variant NOT NULL,
    [ApprovalDate] sql_variant,
    [Contract] bContract,
    PRIMARY KEY ([JCCo], [Job], [ACO])
);

-- view JCOI (base table bJCOI): JC Change Order Items
CREATE TABLE [dbo].[JCOI] (
    [JCCo] bCompany NOT NULL,
    [Job] bJob NOT NULL,
    [ACO] sql_variant NOT NULL,
    [ACOItem] sql_variant NOT NULL,
    [ApprovedMonth] sql_variant,
    [Contract] bContract,
    [ContractAmt] bDollar,
    [ContractUnits] sql_variant,
    [Description] bDesc,
    [Item] bContractItem,
    PRIMARY KEY ([JCCo], [Job], [ACO], [ACOItem])
);

-- view JCJobRoles (base table vJCJobRoles): JC Job Roles
CREATE TABLE [dbo].[JCJobRoles] (
    [KeyID] bigint,
    [JCCo] bCompany,
    [Job] bJob,
    [VPUserName] bVPUserName
);

-- view JCForecastMonth (base table vJCForecastMonth): JC Job Forecast Month
CREATE TABLE [dbo].[JCForecastMonth] (
    [KeyID] bigint,
    [JCCo] bCompany,
    [Contract] bContract,
    [ForecastMonth] sql_variant,
    [RevenuePct] sql_variant
);

-- ===== GL =====

-- view GLAC (base table bGLAC): GL Accounts
CREATE TABLE [dbo].[GLAC] (
    [GLCo] bCompany NOT NULL,
    [GLAcct] bGLAcct NOT NULL,
    [Description] bDesc,
    [AcctType] char(1) NOT NULL,
    [SubType] char(1),
    [NormBal] char(1),
    [InterfaceDetail] bYN NOT NULL,
    [Active] bYN NOT NULL,
    [SummaryAcct] bGLAcct NOT NULL,
    [CashAccrual] char(1) NOT NULL,
    [CashOffAcct] bGLAcct,
    [Notes] sql_variant,
    [Part1] varchar(20),
    [Part2] varchar(20),
    [Part3] varchar(20),
    [Part4] varchar(20),
    [Part5] varchar(20),
    [Part6] varchar(20),
    [AllParts] varchar(20),
    [CrossRefMemAcct] bGLAcct,
    PRIMARY KEY ([GLCo], [GLAcct])
);

-- view GLCO (base table bGLCO): GL Company Parameters
CREATE TABLE [dbo].[GLCO] (
    [GLCo] bCompany NOT NULL,
    [Consolid] bYN NOT NULL,
    [LastMthSubClsd] bMonth NOT NULL,
    [LastMthGLClsd] bMonth NOT NULL,
    [MaxOpen] tinyint NOT NULL,
    [CashAccrual] char(1) NOT NULL,
    [Unbal] bYN NOT NULL,
    [AuditCoParams] bYN NOT NULL,
    [AuditAccts] bYN NOT NULL,
    [AuditAutoJrnl] bYN NOT NULL,
    [AuditBals] bYN NOT NULL,
    [AuditBudgets] bYN NOT NULL,
    [AuditDetail] bYN NOT NULL,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [XCompJrnlEntryYN] bYN NOT NULL,
    [KeyID] bigint NOT NULL,
    [LastMthAPClsd] bMonth NOT NULL,
    [LastMthARClsd] bMonth NOT NULL,
    [AttachBatchReportsYN] bYN NOT NULL,
    PRIMARY KEY ([GLCo])
);

-- view GLDT (base table bGLDT): GL Detail
CREATE TABLE [dbo].[GLDT] (
    [GLCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [GLTrans] bTrans NOT NULL,
    [GLAcct] bGLAcct NOT NULL,
    [Jrnl] bJrnl NOT NULL,
    [GLRef] bGLRef NOT NULL,
    [SourceCo] bCompany NOT NULL,
    [Source] bSource NOT NULL,
    [ActDate] bDate NOT NULL,
    [DatePosted] bDate NOT NULL,
    [Description] bTransDesc,
    [BatchId] bBatchID NOT NULL,
    [Amount] bDollar NOT NULL,
    [RevStatus] tinyint NOT NULL,
    [Adjust] char(1) NOT NULL,
    [InUseBatchId] bBatchID,
    [Purge] bYN NOT NULL,
    [UniqueAttchID] uniqueidentifier,
    [SrcTable] varchar(128),
    [SrcKeyID] bigint,
    PRIMARY KEY ([GLCo], [Mth], [GLTrans])
);

-- view GLJR (base table bGLJR): GL Journals
CREATE TABLE [dbo].[GLJR] (
    [GLCo] bCompany NOT NULL,
    [Jrnl] bJrnl NOT NULL,
    [Description] bTransDesc,
    [Rev] bYN NOT NULL,
    [RevJrnl] bJrnl,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint NOT NULL,
    PRIMARY KEY ([GLCo], [Jrnl])
);

-- view GLFY (base table bGLFY): GL Fiscal Year
CREATE TABLE [dbo].[GLFY] (
    [GLCo] bCompany NOT NULL,
    [FYEMO] bMonth NOT NULL,
    [BeginMth] bMonth NOT NULL,
    PRIMARY KEY ([GLCo], [FYEMO])
);

-- view GLFP (base table bGLFP): GL Fiscal Periods
CREATE TABLE [dbo].[GLFP] (
    [GLCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [FiscalPd] sql_variant,
    [FiscalYr] sql_variant,
    PRIMARY KEY ([GLCo], [Mth])
);

-- view GLBL (base table bGLBL): GL Monthly Balance
CREATE TABLE [dbo].[GLBL] (
    [GLCo] bCompany NOT NULL,
    [GLAcct] bGLAcct NOT NULL,
    [Mth] bMonth NOT NULL,
    [NetActivity] sql_variant,
    [Debits] sql_variant,
    PRIMARY KEY ([GLCo], [GLAcct], [Mth])
);

-- view GLBC (base table bGLBC): GL Budget Codes
CREATE TABLE [dbo].[GLBC] (
    [GLCo] bCompany NOT NULL,
    [BudgetCode] bBudgetCode NOT NULL,
    [Description] bDesc,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    PRIMARY KEY ([GLCo], [BudgetCode])
);

-- view GLBD (base table bGLBD): GL Monthly Budget
CREATE TABLE [dbo].[GLBD] (
    [GLCo] bCompany NOT NULL,
    [GLAcct] bGLAcct NOT NULL,
    [BudgetCode] bBudgetCode NOT NULL,
    [Mth] bMonth NOT NULL,
    [BudgetAmt] sql_variant,
    PRIMARY KEY ([GLCo], [GLAcct], [BudgetCode], [Mth])
);

-- view GLDB (base table bGLDB): GL Detail Batch
CREATE TABLE [dbo].[GLDB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq])
);

-- view GLRF (base table bGLRF): GL Journal Reference
CREATE TABLE [dbo].[GLRF] (
    [GLCo] bCompany,
    [Mth] bMonth,
    [Jrnl] bJrnl
);

-- view GLPD (base table bGLPD): GL Account Parts
CREATE TABLE [dbo].[GLPD] (
    [PartNo] tinyint NOT NULL,
    [GLCo] bCompany NOT NULL,
    [Description] bDesc,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    PRIMARY KEY ([PartNo])
);

-- view GLPI (base table bGLPI): GL Account Part Instances
CREATE TABLE [dbo].[GLPI] (
    [GLCo] bCompany,
    [PartNo] tinyint
);

-- view GLAJ (base table bGLAJ): GL Auto Journal Entry
CREATE TABLE [dbo].[GLAJ] (
    [GLCo] bCompany NOT NULL,
    [Jrnl] bJrnl NOT NULL,
    [EntryId] smallint NOT NULL
);

-- ===== PR =====

-- view PREH (base table bPREH): PR Employee Header
CREATE TABLE [dbo].[PREH] (
    [PRCo] bCompany NOT NULL,
    [Employee] bEmployee NOT NULL,
    [LastName] varchar(30) NOT NULL,
    [FirstName] varchar(30),
    [MidName] varchar(15),
    [SortName] bSortName NOT NULL,
    [Address] varchar(60),
    [City] varchar(30),
    [State] varchar(4),
    [Zip] bZip,
    [Address2] varchar(60),
    [Phone] bPhone,
    [SSN] char(11) NOT NULL,
    [Race] char(2) NOT NULL,
    [Sex] char(1) NOT NULL,
    [BirthDate] smalldatetime,
    [HireDate] bDate,
    [TermDate] bDate,
    [PRGroup] bGroup NOT NULL,
    [PRDept] bDept NOT NULL,
    PRIMARY KEY ([PRCo], [Employee])
);

-- view PRTH (base table bPRTH): PR Timecard Header
CREATE TABLE [dbo].[PRTH] (
    [PRCo] bCompany NOT NULL,
    [PRGroup] bGroup NOT NULL,
    [PREndDate] bDate NOT NULL,
    [Employee] bEmployee NOT NULL,
    [PaySeq] tinyint NOT NULL,
    [PostSeq] smallint NOT NULL,
    [Type] char(1) NOT NULL,
    [PostDate] bDate NOT NULL,
    [JCCo] bCompany,
    [Job] bJob,
    [PhaseGroup] bGroup,
    [Phase] bPhase,
    [JCDept] bDept,
    [GLCo] bCompany NOT NULL,
    [EMCo] bCompany,
    [WO] bWO,
    [WOItem] bItem,
    [Equipment] bEquip,
    [EMGroup] tinyint,
    [CostCode] bCostCode,
    PRIMARY KEY ([PRCo], [PRGroup], [PREndDate], [Employee], [PaySeq], [PostSeq])
);

-- view PRCO (base table bPRCO): PR Company Parameters
CREATE TABLE [dbo].[PRCO] (
    [PRCo] bCompany NOT NULL,
    [GLCo] bCompany NOT NULL,
    [Jrnl] bJrnl,
    [GLInterface] bYN NOT NULL,
    [CMCo] bCompany NOT NULL,
    [APCo] bCompany,
    [AutoOT] bYN NOT NULL,
    [OTEarnCode] bEDLCode,
    [JCCo] bCompany NOT NULL,
    [AllowNoPhase] bYN NOT NULL,
    [JCInterface] bYN NOT NULL,
    [InsByPhase] bYN NOT NULL,
    [JCICraftClass] bYN NOT NULL,
    [JCICrew] bYN NOT NULL,
    [JCIEmployee] bYN NOT NULL,
    [JCIFactor] bYN NOT NULL,
    [JCIEarnType] bYN NOT NULL,
    [JCIShift] bYN NOT NULL,
    [JCIPostingDate] bYN NOT NULL,
    [JCILiabType] bYN NOT NULL,
    PRIMARY KEY ([PRCo])
);

-- view PRPC (base table bPRPC): PR Pay Period Control
CREATE TABLE [dbo].[PRPC] (
    [PRCo] bCompany NOT NULL,
    [PRGroup] bGroup NOT NULL,
    [PREndDate] bDate NOT NULL,
    [BeginDate] bDate NOT NULL,
    [MultiMth] bYN NOT NULL,
    [BeginMth] bMonth NOT NULL,
    [EndMth] bMonth,
    [CutoffDate] bDate,
    [LimitMth] bMonth NOT NULL,
    [Hrs] smallint NOT NULL,
    [Days] tinyint NOT NULL,
    [Wks] tinyint NOT NULL,
    [Status] tinyint NOT NULL,
    [DateClosed] smalldatetime,
    [JCInterface] bYN NOT NULL,
    [EMInterface] bYN NOT NULL,
    [GLInterface] bYN NOT NULL,
    [APInterface] bYN NOT NULL,
    [LeaveProcess] bYN NOT NULL,
    [InUseBy] bVPUserName,
    PRIMARY KEY ([PRCo], [PRGroup], [PREndDate])
);

-- view PRCM (base table bPRCM): PR Craft Master
CREATE TABLE [dbo].[PRCM] (
    [PRCo] bCompany NOT NULL,
    [Craft] bCraft NOT NULL,
    [Description] bDesc,
    [Address] varchar(60),
    [City] varchar(30),
    [State] varchar(4),
    [Zip] bZip,
    [EffectiveDate] bDate,
    [ReportType] sql_variant,
    [VendorGroup] bGroup,
    [Vendor] bVendor,
    [OTSched] tinyint,
    [Notes] sql_variant,
    [TradeSeq] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    PRIMARY KEY ([PRCo], [Craft])
);

-- view PRCC (base table bPRCC): PR Craft Class
CREATE TABLE [dbo].[PRCC] (
    [PRCo] bCompany NOT NULL,
    [Craft] bCraft NOT NULL,
    [Class] bClass NOT NULL,
    [Description] bDesc,
    [EEOClass] sql_variant,
    [OldCapLimit] sql_variant,
    [NewCapLimit] sql_variant,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [WghtAvgOT] sql_variant,
    [KeyID] bigint,
    [SuperWeeklyMin] sql_variant,
    [CalcMethod] sql_variant,
    [OldBasicHourlyRate] sql_variant,
    [NewBasicHourlyRate] sql_variant,
    PRIMARY KEY ([PRCo], [Craft], [Class])
);

-- view PRSQ (base table bPRSQ): PR Employee Sequence
CREATE TABLE [dbo].[PRSQ] (
    [PRCo] bCompany NOT NULL,
    [PRGroup] bGroup NOT NULL,
    [PREndDate] bDate NOT NULL,
    [Employee] bEmployee NOT NULL,
    [PaySeq] tinyint NOT NULL,
    [UniqueAttchID] uniqueidentifier,
    PRIMARY KEY ([PRCo], [PRGroup], [PREndDate], [Employee], [PaySeq])
);

-- view PRED (base table bPRED): PR Employee Dedn/Liabs
CREATE TABLE [dbo].[PRED] (
    [PRCo] bCompany NOT NULL,
    [Employee] bEmployee NOT NULL,
    [DLCode] bEDLCode NOT NULL,
    [EmplBased] sql_variant,
    [Frequency] bFreq,
    [ProcessSeq] sql_variant,
    [FileStatus] sql_variant,
    [RegExempts] sql_variant,
    [AddExempts] sql_variant,
    [OverMiscAmt] sql_variant,
    [MiscAmt] sql_variant,
    [MiscFactor] sql_variant,
    [VendorGroup] bGroup,
    [Vendor] bVendor,
    [APDesc] sql_variant,
    [OverCalcs] sql_variant,
    [RateAmt] sql_variant,
    PRIMARY KEY ([PRCo], [Employee], [DLCode])
);

-- view PRGR (base table bPRGR): PR Payroll Groups
CREATE TABLE [dbo].[PRGR] (
    [PRCo] bCompany NOT NULL,
    [PRGroup] bGroup NOT NULL,
    [Description] bDesc,
    [PayFreq] sql_variant,
    [GLCo] bCompany,
    [GLAcct] bGLAcct,
    [CMCo] bCompany,
    [CMAcct] bCMAcct,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    [AttachGLLedgerRpts] sql_variant,
    [AttachTypeID] sql_variant,
    [PayPeriodsPerYear] sql_variant,
    PRIMARY KEY ([PRCo], [PRGroup])
);

-- view PRAE (base table bPRAE): PR Automatic Earnings
CREATE TABLE [dbo].[PRAE] (
    [EarnCode] sql_variant,
    [Employee] bEmployee,
    [Frequency] bFreq,
    [PRCo] bCompany,
    [RateAmt] sql_variant
);

-- view PRTD (base table bPRTD): PR Template Dedns/Liabs
CREATE TABLE [dbo].[PRTD] (
    [PRCo] bCompany NOT NULL,
    [Craft] bCraft NOT NULL,
    [Class] bClass NOT NULL,
    [Template] smallint NOT NULL,
    [DLCode] bEDLCode NOT NULL,
    [Factor] bRate NOT NULL,
    [OldRate] bUnitCost NOT NULL,
    [NewRate] bUnitCost NOT NULL,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint NOT NULL
);

-- view PRTM (base table bPRTM): PR Template Master
CREATE TABLE [dbo].[PRTM] (
    [PRCo] bCompany NOT NULL,
    [Template] smallint NOT NULL,
    [Description] bDesc,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    PRIMARY KEY ([PRCo], [Template])
);

-- view PRW2MiscDetail (base table bPRW2MiscDetail): PR W-2 State Misc Employee Items
CREATE TABLE [dbo].[PRW2MiscDetail] (
    [PRCo] bCompany,
    [TaxYear] sql_variant,
    [State] varchar(4),
    [Employee] bEmployee
);

-- view PRAllowanceType (base table vPRAllowanceType): PR Allowance Types
CREATE TABLE [dbo].[PRAllowanceType] (
    [KeyID] bigint,
    [AllowanceTypeName] sql_variant,
    [AllowanceDescription] sql_variant,
    [TableName] nvarchar,
    [UniqueAttchID] uniqueidentifier
);

-- ===== PO =====

-- view POHD (base table bPOHD): PO Header
CREATE TABLE [dbo].[POHD] (
    [POCo] bCompany NOT NULL,
    [PO] varchar(30) NOT NULL,
    [VendorGroup] bGroup,
    [Vendor] bVendor,
    [Description] bDesc,
    [OrderDate] sql_variant,
    [OrderedBy] sql_variant,
    [ExpDate] sql_variant,
    [Status] tinyint,
    [JCCo] bCompany,
    [InUseBatchId] bBatchID,
    [InUseMth] bMonth,
    [Job] bJob,
    [KeyID] bigint,
    PRIMARY KEY ([POCo], [PO])
);

-- view POIT (base table bPOIT): PO Items
CREATE TABLE [dbo].[POIT] (
    [POCo] bCompany NOT NULL,
    [PO] varchar(30) NOT NULL,
    [POItem] bItem NOT NULL,
    [ItemType] tinyint,
    [MatlGroup] bGroup,
    [Material] bMatl,
    [VendMatId] sql_variant,
    [Description] bDesc,
    [UM] bUM,
    [RecvYN] sql_variant,
    [PostToCo] sql_variant,
    [Loc] bLoc,
    [Job] bJob,
    [PhaseGroup] bGroup,
    [Phase] bPhase,
    [BOCost] sql_variant,
    [BOUnits] sql_variant,
    [CurCost] bDollar,
    [CurECM] sql_variant,
    [CurTax] sql_variant,
    PRIMARY KEY ([POCo], [PO], [POItem])
);

-- view POCO (base table bPOCO): PO Company Parameters
CREATE TABLE [dbo].[POCO] (
    [POCo] bCompany NOT NULL,
    [AutoPO] bYN NOT NULL,
    [LastPO] sql_variant,
    [CmtdDetailToJC] bYN,
    [AuditCoParams] bYN,
    [AuditPOs] sql_variant,
    [Notes] sql_variant,
    [ReceiptUpdate] sql_variant,
    [GLAccrualAcct] sql_variant,
    [GLRecExpInterfacelvl] sql_variant,
    PRIMARY KEY ([POCo])
);

-- view POCD (base table bPOCD): PO Change Order Detail
CREATE TABLE [dbo].[POCD] (
    [POCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [POTrans] sql_variant NOT NULL,
    [ActDate] bDate,
    [ChangeCurUnits] sql_variant,
    [ChangeOrder] sql_variant,
    [ChgTotCost] sql_variant,
    [CurUnitCost] bUnitCost,
    [Description] bDesc,
    [ECM] sql_variant,
    [JCCo] bCompany,
    [Notes] sql_variant,
    [PO] varchar(30),
    [POItem] bItem,
    [UM] bUM,
    PRIMARY KEY ([POCo], [Mth], [POTrans])
);

-- view PORD (base table bPORD): PO Receipt Detail
CREATE TABLE [dbo].[PORD] (
    [POCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [POTrans] sql_variant NOT NULL,
    [PO] varchar(30),
    [POItem] bItem,
    [RecvdCost] sql_variant,
    [RecvdUnits] sql_variant,
    PRIMARY KEY ([POCo], [Mth], [POTrans])
);

-- view POHB (base table bPOHB): PO Header Batch
CREATE TABLE [dbo].[POHB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [BatchTransType] char(1),
    [PO] varchar(30),
    [VendorGroup] bGroup,
    [Vendor] bVendor,
    [Description] bDesc,
    [OrderDate] sql_variant,
    [OrderedBy] sql_variant,
    [ExpDate] sql_variant,
    [Status] tinyint,
    [JCCo] bCompany,
    [Job] bJob,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq])
);

-- view POIB (base table bPOIB): PO Item Batch
CREATE TABLE [dbo].[POIB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [POItem] bItem NOT NULL,
    [BatchTransType] char(1),
    [ItemType] tinyint,
    [MatlGroup] bGroup,
    [Material] bMatl,
    [VendMatId] sql_variant,
    [Description] bDesc,
    [UM] bUM,
    [RecvYN] sql_variant,
    [PostToCo] sql_variant,
    [Loc] bLoc,
    [TaxCode] bTaxCode,
    [TaxGroup] bGroup,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq], [POItem])
);

-- view PORG (base table bPORG): PO GL Expense Distributions
CREATE TABLE [dbo].[PORG] (
    [POCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL
);

-- view POSM (base table bPOSM): PO Substitute Materials
CREATE TABLE [dbo].[POSM] (
    [VendorGroup] bGroup,
    [Vendor] bVendor,
    [MatlGroup] bGroup
);

-- ===== SL =====

-- view SLHD (base table bSLHD): SL Header
CREATE TABLE [dbo].[SLHD] (
    [SLCo] bCompany NOT NULL,
    [SL] varchar(30) NOT NULL,
    [JCCo] bCompany NOT NULL,
    [Job] bJob NOT NULL,
    [Description] bItemDesc,
    [VendorGroup] bGroup NOT NULL,
    [Vendor] bVendor NOT NULL,
    [HoldCode] bHoldCode,
    [PayTerms] bPayTerms,
    [CompGroup] varchar(10),
    [Status] tinyint NOT NULL,
    [MthClosed] bMonth,
    [InUseMth] bMonth,
    [InUseBatchId] bBatchID,
    [Purge] bYN NOT NULL,
    [Approved] bYN,
    [ApprovedBy] bVPUserName,
    [Notes] sql_variant,
    [AddedMth] bMonth,
    [AddedBatchID] bBatchID,
    PRIMARY KEY ([SLCo], [SL])
);

-- view SLIT (base table bSLIT): SL Items
CREATE TABLE [dbo].[SLIT] (
    [SLCo] bCompany NOT NULL,
    [SL] varchar(30) NOT NULL,
    [SLItem] bItem NOT NULL,
    [ItemType] tinyint NOT NULL,
    [Addon] tinyint,
    [AddonPct] bPct NOT NULL,
    [JCCo] bCompany NOT NULL,
    [Job] bJob NOT NULL,
    [PhaseGroup] bGroup NOT NULL,
    [Phase] bPhase NOT NULL,
    [JCCType] bJCCType NOT NULL,
    [Description] bItemDesc,
    [UM] bUM NOT NULL,
    [GLCo] bCompany NOT NULL,
    [GLAcct] bGLAcct NOT NULL,
    [WCRetPct] bPct NOT NULL,
    [SMRetPct] bPct NOT NULL,
    [VendorGroup] bGroup NOT NULL,
    [Supplier] bVendor,
    [OrigUnits] bUnits NOT NULL,
    PRIMARY KEY ([SLCo], [SL], [SLItem])
);

-- view SLCO (base table bSLCO): SL Company Parameters
CREATE TABLE [dbo].[SLCO] (
    [SLCo] bCompany NOT NULL,
    [CmtdDetailToJC] bYN,
    [AuditCoParams] bYN,
    [AuditSLs] sql_variant,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [AuditSLCompliance] sql_variant,
    [KeyID] bigint,
    [AttachBatchReportsYN] bYN,
    [EnforceSLCatchup] sql_variant,
    PRIMARY KEY ([SLCo])
);

-- view SLHB (base table bSLHB): SL Header Batch
CREATE TABLE [dbo].[SLHB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [BatchTransType] char(1),
    [SL] varchar(30),
    [JCCo] bCompany,
    [Job] bJob,
    [Description] bDesc,
    [VendorGroup] bGroup,
    [InclACOinMaxYN] sql_variant,
    [MaxRetgPct] sql_variant,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq])
);

-- view SLCB (base table bSLCB): SL Change Order Batch
CREATE TABLE [dbo].[SLCB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [BatchTransType] char(1),
    [SLTrans] bTrans,
    [SL] varchar(30),
    [SLItem] bItem,
    [SLChangeOrder] sql_variant,
    [AppChangeOrder] sql_variant,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq])
);

-- view SLCT (base table bSLCT): SL Compliance Tracking
CREATE TABLE [dbo].[SLCT] (
    [SLCo] bCompany NOT NULL,
    [SL] varchar(30) NOT NULL,
    [CompCode] bCompCode NOT NULL,
    [Seq] smallint,
    [VendorGroup] bGroup,
    [Vendor] bVendor,
    [Description] bDesc,
    [Verify] sql_variant,
    [ExpDate] sql_variant,
    [Complied] sql_variant,
    [Notes] sql_variant,
    [ReceiveDate] sql_variant,
    [Limit] sql_variant,
    [PurgeYN] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    PRIMARY KEY ([SLCo], [SL], [CompCode])
);

-- view SLCD (base table bSLCD): SL Change Order Detail
CREATE TABLE [dbo].[SLCD] (
    [SLCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [SLTrans] bTrans NOT NULL,
    [SL] varchar(30),
    [SLItem] bItem,
    [ActDate] bDate,
    [AppChangeOrder] sql_variant,
    [ChangeCurCost] sql_variant,
    [ChangeCurUnitCost] sql_variant,
    [ChangeCurUnits] sql_variant,
    [Description] bDesc,
    [JCCo] bCompany,
    [Notes] sql_variant,
    [SLChangeOrder] sql_variant,
    [UM] bUM,
    PRIMARY KEY ([SLCo], [Mth], [SLTrans])
);

-- ===== EM =====

-- view EMEM (base table bEMEM): EM Equipment Master
CREATE TABLE [dbo].[EMEM] (
    [EMCo] bCompany NOT NULL,
    [Equipment] bEquip NOT NULL,
    [Location] sql_variant,
    [Type] tinyint,
    [Department] bDept,
    [Category] bCat,
    [Manufacturer] sql_variant,
    [Model] sql_variant,
    [ModelYr] sql_variant,
    [VINNumber] sql_variant,
    [Description] bDesc,
    [Status] tinyint,
    [OdoReading] sql_variant,
    [OdoDate] sql_variant,
    [ReplacedOdoReading] sql_variant,
    [FuelUsed] sql_variant,
    [HourDate] sql_variant,
    [HourReading] sql_variant,
    [JCCo] bCompany,
    [Job] bJob,
    PRIMARY KEY ([EMCo], [Equipment])
);

-- view EMCO (base table bEMCO): EM Company Parameters
CREATE TABLE [dbo].[EMCO] (
    [EMCo] bCompany NOT NULL,
    [EMGroup] bGroup,
    [INCo] bCompany,
    [JCCo] bCompany,
    [PRCo] bCompany,
    [GLCo] bCompany,
    [AdjstGLLvl] sql_variant,
    [AdjstGLSumDesc] sql_variant,
    [AdjstGLDetlDesc] sql_variant,
    [AdjstGLJrnl] sql_variant,
    [UseAutoGL] sql_variant,
    [UseGLLvl] sql_variant,
    [UseGLSumDesc] sql_variant,
    [UseGLDetlDesc] sql_variant,
    [UseGLJrnl] sql_variant,
    [DeprCostCode] sql_variant,
    [DeprCostType] sql_variant,
    [KeyID] bigint,
    PRIMARY KEY ([EMCo])
);

-- view EMCD (base table bEMCD): EM Cost Detail
CREATE TABLE [dbo].[EMCD] (
    [EMCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [EMTrans] bTrans NOT NULL,
    [BatchId] bBatchID,
    [EMGroup] bGroup,
    [Equipment] bEquip,
    [Component] bEquip,
    [ComponentTypeCode] sql_variant,
    [Asset] sql_variant,
    [WorkOrder] int,
    [WOItem] bItem,
    [CostCode] bCostCode,
    [EMCostType] sql_variant,
    [PostedDate] bDate,
    [ActualDate] bDate,
    [APCo] bCompany,
    [APRef] bAPReference,
    [APVendor] bVendor,
    [Description] bDesc,
    [Dollars] sql_variant,
    PRIMARY KEY ([EMCo], [Mth], [EMTrans])
);

-- view EMCC (base table bEMCC): EM Cost Codes
CREATE TABLE [dbo].[EMCC] (
    [EMGroup] bGroup NOT NULL,
    [CostCode] bCostCode NOT NULL,
    [RevBdownCode] bRevCode,
    [Description] bDesc,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    PRIMARY KEY ([EMGroup], [CostCode])
);

-- view EMCM (base table bEMCM): EM Category Master
CREATE TABLE [dbo].[EMCM] (
    [EMCo] bCompany NOT NULL,
    [Category] bCat NOT NULL,
    [Description] bDesc,
    [KeyID] bigint,
    PRIMARY KEY ([EMCo], [Category])
);

-- view EMRD (base table bEMRD): EM Revenue Detail
CREATE TABLE [dbo].[EMRD] (
    [EMCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [Trans] bTrans NOT NULL,
    [BatchID] sql_variant,
    [EMGroup] bGroup,
    [Equipment] bEquip,
    [RevCode] bRevCode,
    [Source] bSource,
    [TransType] sql_variant,
    [PostDate] bDate,
    [ActualDate] bDate,
    [Dollars] sql_variant,
    [Employee] bEmployee,
    [ExpGLAcct] sql_variant,
    [ExpGLCo] sql_variant,
    [GLCo] bCompany,
    [JCCo] bCompany,
    [JCCostType] sql_variant,
    [JCPhase] sql_variant,
    [Job] bJob,
    PRIMARY KEY ([EMCo], [Mth], [Trans])
);

-- view EMRR (base table bEMRR): EM Revenue Rates
CREATE TABLE [dbo].[EMRR] (
    [EMCo] bCompany NOT NULL,
    [EMGroup] bGroup NOT NULL,
    [Category] bCat NOT NULL,
    [RevCode] bRevCode NOT NULL,
    [AllowPostOride] sql_variant,
    [PostWorkUnits] sql_variant,
    [Rate] sql_variant,
    [UpdtHrMeter] sql_variant,
    [WorkUM] sql_variant,
    PRIMARY KEY ([EMCo], [EMGroup], [Category], [RevCode])
);

-- view EMRC (base table bEMRC): EM Revenue Codes
CREATE TABLE [dbo].[EMRC] (
    [EMGroup] bGroup NOT NULL,
    [RevCode] bRevCode NOT NULL,
    [Description] bDesc,
    [Basis] sql_variant,
    [KeyID] bigint,
    PRIMARY KEY ([EMGroup], [RevCode])
);

-- view EMWH (base table bEMWH): EM Work Order Header
CREATE TABLE [dbo].[EMWH] (
    [EMCo] bCompany NOT NULL,
    [WorkOrder] int NOT NULL,
    [Equipment] bEquip,
    PRIMARY KEY ([EMCo], [WorkOrder])
);

-- view EMWI (base table bEMWI): EM Work Order Items
CREATE TABLE [dbo].[EMWI] (
    [EMCo] bCompany NOT NULL,
    [WorkOrder] int NOT NULL,
    [WOItem] bItem NOT NULL,
    [Equipment] bEquip,
    [ComponentTypeCode] sql_variant,
    [Component] bEquip,
    [EMGroup] bGroup,
    [StatusCode] sql_variant,
    [StdMaintGroup] sql_variant,
    [CostCode] bCostCode,
    PRIMARY KEY ([EMCo], [WorkOrder], [WOItem])
);

-- view EMWP (base table bEMWP): EM Work Order Parts
CREATE TABLE [dbo].[EMWP] (
    [EMCo] bCompany,
    [WorkOrder] int,
    [WOItem] bItem,
    [MatlGroup] bGroup,
    [Material] bMatl,
    [Equipment] bEquip,
    [EMGroup] bGroup,
    [PartsStatusCode] sql_variant,
    [InvLoc] sql_variant,
    [Description] bDesc,
    [UM] bUM,
    [QtyNeeded] sql_variant,
    [PSFlag] sql_variant,
    [Required] sql_variant,
    [INCo] bCompany
);

-- view EMLM (base table bEMLM): EM Location Master
CREATE TABLE [dbo].[EMLM] (
    [EMCo] bCompany NOT NULL,
    [EMLoc] bLoc NOT NULL,
    [Description] bDesc,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    [Active] bYN,
    PRIMARY KEY ([EMCo], [EMLoc])
);

-- view EMDM (base table bEMDM): EM Dept Master
CREATE TABLE [dbo].[EMDM] (
    [EMCo] bCompany NOT NULL,
    [Department] bDept NOT NULL,
    [Description] bDesc,
    [Reviewer] sql_variant,
    [GLCo] bCompany,
    [DepreciationAcct] sql_variant,
    [KeyID] bigint,
    PRIMARY KEY ([EMCo], [Department])
);

-- view EMMR (base table bEMMR): EM Meter Readings
CREATE TABLE [dbo].[EMMR] (
    [EMCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [EMTrans] bTrans NOT NULL,
    [BatchId] bBatchID,
    [Equipment] bEquip,
    [PostingDate] sql_variant,
    [ReadingDate] sql_variant,
    [Source] bSource,
    [PreviousHourMeter] sql_variant,
    [CurrentHourMeter] sql_variant,
    [PreviousTotalHourMeter] sql_variant,
    [CurrentTotalHourMeter] sql_variant,
    [Hours] sql_variant,
    [PreviousOdometer] sql_variant,
    [CurrentOdometer] sql_variant,
    PRIMARY KEY ([EMCo], [Mth], [EMTrans])
);

-- view EMMC (base table bEMMC): EM Monthly Costs
CREATE TABLE [dbo].[EMMC] (
    [EMCo] bCompany,
    [Equipment] bEquip,
    [EMGroup] bGroup,
    [CostCode] bCostCode,
    [CostType] bJCCType,
    [Month] bMonth,
    [ActUnits] sql_variant,
    [ActCost] sql_variant,
    [EstUnits] sql_variant,
    [EstCost] sql_variant
);

-- view EMAR (base table bEMAR): EM Monthly Revenue
CREATE TABLE [dbo].[EMAR] (
    [EMCo] bCompany NOT NULL,
    [Equipment] bEquip NOT NULL,
    [RevCode] bRevCode NOT NULL,
    [Month] bMonth,
    [EMGroup] bGroup,
    [AvailableHrs] sql_variant,
    [EstWorkUnits] sql_variant,
    [EstTime] sql_variant,
    [EstAmt] sql_variant,
    [ActualWorkUnits] sql_variant,
    [Actual_Time] sql_variant,
    [ActualAmt] sql_variant
);

-- view EMBF (base table bEMBF): EM Posting Batches
CREATE TABLE [dbo].[EMBF] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [Source] bSource,
    [Equipment] bEquip,
    [RevCode] bRevCode,
    [EMTrans] bTrans,
    [BatchTransType] char(1),
    [EMTransType] sql_variant,
    [ComponentTypeCode] sql_variant,
    [Component] bEquip,
    [Asset] sql_variant,
    [EMGroup] bGroup,
    [CostCode] bCostCode,
    [ActualDate] bDate,
    [CurrentHourMeter] sql_variant,
    [CurrentOdometer] sql_variant,
    [CurrentTotalHourMeter] sql_variant,
    [CurrentTotalOdometer] sql_variant,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq])
);

-- view EMMeterReading (base table vEMMeterReading): EM Meter Readings
CREATE TABLE [dbo].[EMMeterReading] (
    [MeterReadingId] sql_variant,
    [EMCo] bCompany,
    [Equipment] bEquip,
    [Sequence] int,
    [ReadingDate] sql_variant
);

-- view EMLocationHistory (base table vEMLocationHistory): EM Location History
CREATE TABLE [dbo].[EMLocationHistory] (
    [DateTimeIn] datetime,
    [EMCo] bCompany,
    [Equipment] bEquip,
    [LocationHistoryId] sql_variant,
    [ToJCCo] sql_variant,
    [ToJob] sql_variant,
    [ToLocation] sql_variant
);

-- ===== IN =====

-- view INMT (base table bINMT): IN Materials
CREATE TABLE [dbo].[INMT] (
    [INCo] bCompany NOT NULL,
    [Loc] bLoc NOT NULL,
    [MatlGroup] bGroup NOT NULL,
    [Material] bMatl NOT NULL,
    [VendorGroup] bGroup,
    [LastVendor] sql_variant,
    [LastCost] sql_variant,
    [LastECM] sql_variant,
    [LastCostUpdate] sql_variant,
    [AvgCost] sql_variant,
    [Active] bYN,
    [Alloc] sql_variant,
    [AuditYN] sql_variant,
    [AutoProd] sql_variant,
    [AvgECM] sql_variant,
    [CostPhase] sql_variant,
    [CustRate] sql_variant,
    [EquipRate] sql_variant,
    [GLProdUnits] sql_variant,
    [GLSaleUnits] sql_variant,
    PRIMARY KEY ([INCo], [Loc], [MatlGroup], [Material])
);

-- view INCO (base table bINCO): IN Company Parameters
CREATE TABLE [dbo].[INCO] (
    [INCo] bCompany NOT NULL,
    [GLCo] bCompany NOT NULL,
    [Jrnl] bJrnl NOT NULL,
    [GLAdjInterfaceLvl] sql_variant,
    [GLAdjSummaryDesc] sql_variant,
    [GLAdjDetailDesc] sql_variant,
    [GLTrnsfrInterfaceLvl] sql_variant,
    [GLTrnsfrSummaryDesc] sql_variant,
    [GLTrnsfrDetailDesc] sql_variant,
    [GLProdInterfaceLvl] sql_variant,
    [GLProdSummaryDesc] sql_variant,
    [GLProdDetailDesc] sql_variant,
    [ValMethod] sql_variant,
    [CostMethod] sql_variant,
    [BurdenCost] sql_variant,
    PRIMARY KEY ([INCo])
);

-- view INDT (base table bINDT): IN Inventory Detail
CREATE TABLE [dbo].[INDT] (
    [INCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [INTrans] sql_variant NOT NULL,
    [Loc] bLoc,
    [MatlGroup] bGroup,
    [Material] bMatl,
    [ActDate] bDate,
    [PostedDate] bDate,
    [Source] bSource,
    [TransType] sql_variant,
    PRIMARY KEY ([INCo], [Mth], [INTrans])
);

-- view INLM (base table bINLM): IN Location Master
CREATE TABLE [dbo].[INLM] (
    [INCo] bCompany NOT NULL,
    [Loc] bLoc NOT NULL,
    [Description] bItemDesc,
    [Active] bYN,
    [MailAddress] varchar(60),
    [MailCity] varchar(30),
    [MailState] varchar(4),
    [MailZip] bZip,
    [MailAddress2] varchar(60),
    [ShipAddress] varchar(60),
    [InvReviewer] sql_variant,
    [PurReviewer] sql_variant,
    [KeyID] bigint,
    PRIMARY KEY ([INCo], [Loc])
);

-- view INMI (base table bINMI): IN Material Order Item
CREATE TABLE [dbo].[INMI] (
    [INCo] bCompany NOT NULL,
    [MO] sql_variant NOT NULL,
    [MOItem] sql_variant NOT NULL,
    [Loc] bLoc,
    [MatlGroup] bGroup,
    [JCCo] bCompany,
    [Job] bJob,
    [Material] bMatl,
    [UM] bUM,
    [FieldTicket] sql_variant,
    PRIMARY KEY ([INCo], [MO], [MOItem])
);

-- view INMO (base table bINMO): IN Material Order Header
CREATE TABLE [dbo].[INMO] (
    [INCo] bCompany NOT NULL,
    [MO] sql_variant NOT NULL,
    [Description] bItemDesc,
    [JCCo] bCompany,
    [Job] bJob,
    PRIMARY KEY ([INCo], [MO])
);

-- view INMU (base table bINMU): IN Material Unit of Measure
CREATE TABLE [dbo].[INMU] (
    [INCo] bCompany,
    [MatlGroup] bGroup,
    [Material] bMatl,
    [Loc] bLoc
);

-- view INMA (base table bINMA): IN Monthly Activity
CREATE TABLE [dbo].[INMA] (
    [INCo] bCompany NOT NULL,
    [Loc] bLoc NOT NULL,
    [MatlGroup] bGroup NOT NULL,
    [Material] bMatl NOT NULL,
    [Mth] bMonth NOT NULL,
    [ARSalesCost] sql_variant,
    [ARSalesQty] sql_variant,
    [ARSalesRev] sql_variant,
    [AdjCost] sql_variant,
    [AdjQty] sql_variant,
    [BeginAvgCost] sql_variant,
    [BeginAvgECM] sql_variant,
    [BeginLastCost] sql_variant,
    [BeginLastECM] sql_variant,
    [BeginQty] sql_variant,
    [BeginStdCost] sql_variant,
    [BeginStdECM] sql_variant,
    [BeginValue] sql_variant,
    [EMSalesCost] sql_variant,
    [EMSalesQty] sql_variant,
    PRIMARY KEY ([INCo], [Loc], [MatlGroup], [Material], [Mth])
);

-- view INMB (base table bINMB): IN Material Order Header Batch
CREATE TABLE [dbo].[INMB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [MO] sql_variant,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq])
);

-- view INIB (base table bINIB): IN Material Order Item Batch
CREATE TABLE [dbo].[INIB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [MOItem] sql_variant NOT NULL,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq], [MOItem])
);

-- view INTB (base table bINTB): IN Transfer Batch
CREATE TABLE [dbo].[INTB] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [BatchSeq] int NOT NULL,
    [FromLoc] sql_variant,
    [ToLoc] sql_variant,
    [MatlGroup] bGroup,
    [Material] bMatl,
    [ActDate] bDate,
    [Description] bDesc,
    [UM] bUM,
    [Units] sql_variant,
    [UnitCost] sql_variant,
    [ECM] sql_variant,
    [TotalCost] sql_variant,
    PRIMARY KEY ([Co], [Mth], [BatchId], [BatchSeq])
);

-- ===== HQ =====

-- view HQCO (base table bHQCO): HQ Company
CREATE TABLE [dbo].[HQCO] (
    [HQCo] bCompany NOT NULL,
    [Name] varchar(60),
    [Address] varchar(60),
    [City] varchar(30),
    [State] varchar(4),
    [Zip] bZip,
    [Address2] varchar(60),
    [FedTaxId] sql_variant,
    [Phone] bPhone,
    [Fax] bPhone,
    [CustGroup] bGroup,
    [DefaultCountry] sql_variant,
    [PhaseGroup] bGroup,
    [CurrencyID] sql_variant,
    [DFId] sql_variant,
    PRIMARY KEY ([HQCo])
);

-- view HQBC (base table bHQBC): HQ Batch Control
CREATE TABLE [dbo].[HQBC] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [Source] bSource,
    [TableName] nvarchar,
    [InUseBy] bVPUserName,
    [DateCreated] sql_variant,
    [CreatedBy] sql_variant,
    [Status] tinyint,
    [Rstrict] sql_variant,
    [Adjust] char(1),
    [PRGroup] bGroup,
    [PREndDate] bDate,
    [DatePosted] bDate,
    [DateClosed] smalldatetime,
    PRIMARY KEY ([Co], [Mth], [BatchId])
);

-- view HQMT (base table bHQMT): HQ Materials
CREATE TABLE [dbo].[HQMT] (
    [MatlGroup] bGroup NOT NULL,
    [Material] bMatl NOT NULL,
    [Category] bCat NOT NULL,
    [Description] bDesc,
    [StdUM] sql_variant,
    [Cost] sql_variant,
    [CostECM] sql_variant,
    [Price] sql_variant,
    [PriceECM] sql_variant,
    [PayDiscType] sql_variant,
    [KeyID] bigint,
    [Type] tinyint,
    PRIMARY KEY ([MatlGroup], [Material])
);

-- view HQMU (base table bHQMU): HQ Material Unit of Measure
CREATE TABLE [dbo].[HQMU] (
    [MatlGroup] bGroup NOT NULL,
    [Material] bMatl NOT NULL,
    [UM] bUM NOT NULL,
    [Conversion] sql_variant,
    [Cost] sql_variant,
    [CostECM] sql_variant,
    [Price] sql_variant,
    [PriceECM] sql_variant,
    [PayDiscRate] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    PRIMARY KEY ([MatlGroup], [Material], [UM])
);

-- view HQUM (base table bHQUM): HQ Unit of Measure
CREATE TABLE [dbo].[HQUM] (
    [UM] bUM NOT NULL,
    [Description] bDesc,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    PRIMARY KEY ([UM])
);

-- view HQTX (base table bHQTX): HQ Tax Codes
CREATE TABLE [dbo].[HQTX] (
    [TaxGroup] bGroup NOT NULL,
    [TaxCode] bTaxCode NOT NULL,
    [Description] bDesc,
    [EffectiveDate] bDate,
    [GLAcct] bGLAcct,
    [MultiLevel] sql_variant,
    [NewRate] bUnitCost,
    [OldRate] bUnitCost,
    PRIMARY KEY ([TaxGroup], [TaxCode])
);

-- view HQPT (base table bHQPT): HQ Payment Terms
CREATE TABLE [dbo].[HQPT] (
    [PayTerms] bPayTerms NOT NULL,
    [Description] bDesc,
    [DiscOpt] sql_variant,
    [DaysTillDisc] sql_variant,
    [DiscDay] sql_variant,
    [DueOpt] sql_variant,
    [DaysTillDue] sql_variant,
    [DueDay] sql_variant,
    [CutOffDay] sql_variant,
    [DiscRate] sql_variant,
    [MatlDisc] sql_variant,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [RollAheadTwoMonths] sql_variant,
    [KeyID] bigint,
    PRIMARY KEY ([PayTerms])
);

-- view HQST (base table bHQST): HQ States
CREATE TABLE [dbo].[HQST] (
    [Country] sql_variant NOT NULL,
    [State] varchar(4) NOT NULL,
    [Name] varchar(60),
    [W2Name] sql_variant,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    PRIMARY KEY ([Country], [State])
);

-- view HQCC (base table bHQCC): HQ Close Control
CREATE TABLE [dbo].[HQCC] (
    [Co] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [BatchId] bBatchID NOT NULL,
    [GLCo] bCompany
);

-- view HQCX (base table bHQCX): HQ Compliance Codes by Group
CREATE TABLE [dbo].[HQCX] (
    [CompGroup] varchar(10),
    [CompCode] bCompCode,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint
);

-- view HQGP (base table bHQGP): HQ Groups
CREATE TABLE [dbo].[HQGP] (
    [Grp] sql_variant NOT NULL,
    [Description] bDesc,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [KeyID] bigint,
    PRIMARY KEY ([Grp])
);

-- view HQMA (base table bHQMA): HQ Master Audit
CREATE TABLE [dbo].[HQMA] (
    [AuditID] bigint NOT NULL,
    [TableName] nvarchar NOT NULL,
    [KeyString] sql_variant NOT NULL,
    [Co] bCompany,
    [RecType] tinyint,
    [FieldName] sql_variant,
    [OldValue] sql_variant,
    [NewValue] sql_variant,
    [DateTime] datetime,
    [UserName] bVPUserName,
    PRIMARY KEY ([AuditID])
);

-- view HQHC (base table bHQHC): HQ Hold Codes
CREATE TABLE [dbo].[HQHC] (
    [HoldCode] bHoldCode NOT NULL,
    [Description] bDesc,
    PRIMARY KEY ([HoldCode])
);

-- view HQCountry (base table bHQCountry): HQ Countries
CREATE TABLE [dbo].[HQCountry] (
    [Country] sql_variant NOT NULL,
    [CountryName] sql_variant,
    [Notes] sql_variant,
    PRIMARY KEY ([Country])
);

-- view HQContact (base table vHQContact): HQ Contacts
CREATE TABLE [dbo].[HQContact] (
    [HQContactID] sql_variant,
    [ContactGroup] sql_variant,
    [ContactSeq] sql_variant,
    [FirstName] nvarchar,
    [MiddleInitial] sql_variant
);

-- view HQRoles (base table vHQRoles): HQ Roles
CREATE TABLE [dbo].[HQRoles] (
    [KeyID] bigint,
    [Role] sql_variant,
    [Description] bDesc,
    [Active] bYN,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [UsableInPC] sql_variant,
    [UsableInPM] sql_variant,
    [UsableInSM] sql_variant
);

-- view HQCompanyProcess (base table vHQCompanyProcess): HQ Company Process
CREATE TABLE [dbo].[HQCompanyProcess] (
    [Mod] sql_variant,
    [HQCo] bCompany,
    [DocType] bDocType,
    [Process] sql_variant
);

-- ===== base tables behind some of the views =====

-- table bAPTH: base table of the view APTH
CREATE TABLE [dbo].[bAPTH] (
    [APCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [APTrans] bTrans NOT NULL,
    [VendorGroup] bGroup NOT NULL,
    [Vendor] bVendor NOT NULL,
    [InvId] char(10),
    [APRef] bAPReference,
    [Description] bDesc,
    [InvDate] bDate NOT NULL,
    [DiscDate] bDate,
    [DueDate] bDate NOT NULL,
    [InvTotal] bDollar NOT NULL,
    [HoldCode] bHoldCode,
    [PayControl] varchar(10),
    [PayMethod] char(1) NOT NULL,
    [CMCo] bCompany NOT NULL,
    [CMAcct] bCMAcct,
    [PrePaidYN] bYN NOT NULL,
    [PrePaidMth] bMonth,
    [PrePaidDate] bDate,
    PRIMARY KEY ([APCo], [Mth], [APTrans])
);

-- table bAPTL: base table of the view APTL
CREATE TABLE [dbo].[bAPTL] (
    [APCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [APTrans] bTrans NOT NULL,
    [APLine] smallint NOT NULL,
    [LineType] tinyint NOT NULL,
    [PO] varchar(30),
    [POItem] bItem,
    [ItemType] tinyint,
    [SL] varchar(30),
    [SLItem] bItem,
    [JCCo] bCompany,
    [Job] bJob,
    [PhaseGroup] bGroup,
    [Phase] bPhase,
    [JCCType] bJCCType,
    [EMCo] bCompany,
    [WO] bWO,
    [WOItem] bItem,
    [Equip] bEquip,
    [EMGroup] bGroup,
    PRIMARY KEY ([APCo], [Mth], [APTrans], [APLine])
);

-- table bAPVM: base table of the view APVM
CREATE TABLE [dbo].[bAPVM] (
    [VendorGroup] bGroup NOT NULL,
    [Vendor] bVendor NOT NULL,
    [SortName] bSortName NOT NULL,
    [Name] varchar(60),
    [Type] char(1) NOT NULL,
    [TempYN] bYN NOT NULL,
    [Contact] varchar(30),
    [Phone] bPhone,
    [Fax] bPhone,
    [EMail] varchar(255),
    [URL] varchar(60),
    [Address] varchar(60),
    [City] varchar(30),
    [State] varchar(4),
    [Zip] bZip,
    [Address2] varchar(60),
    [POAddress] varchar(60),
    [POCity] varchar(30),
    [POState] varchar(4),
    [POZip] bZip,
    PRIMARY KEY ([VendorGroup], [Vendor])
);

-- table bARCM: base table of the view ARCM
CREATE TABLE [dbo].[bARCM] (
    [CustGroup] bGroup NOT NULL,
    [Customer] bCustomer NOT NULL,
    [Name] varchar(60),
    [SortName] bSortName NOT NULL,
    [TempYN] bYN NOT NULL,
    [Phone] bPhone,
    [Fax] bPhone,
    [EMail] varchar(255),
    [URL] varchar(60),
    [Contact] varchar(30),
    [ContactExt] varchar(10),
    [Address] varchar(60),
    [City] varchar(30),
    [State] varchar(4),
    [Zip] bZip,
    [Address2] varchar(60),
    [BillAddress] varchar(60),
    [BillCity] varchar(30),
    [BillState] varchar(4),
    [BillZip] bZip,
    PRIMARY KEY ([CustGroup], [Customer])
);

-- table bARTH: base table of the view ARTH
CREATE TABLE [dbo].[bARTH] (
    [ARCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [ARTrans] bTrans NOT NULL,
    [ARTransType] char(1) NOT NULL,
    [CustGroup] bGroup NOT NULL,
    [Customer] bCustomer,
    [CustRef] varchar(20),
    [CustPO] varchar(20),
    [RecType] tinyint,
    [JCCo] bCompany,
    [Contract] bContract,
    [Invoice] varchar(10),
    [CheckNo] varchar(10),
    [Source] char(10) NOT NULL,
    [MSCo] bCompany,
    [TransDate] bDate NOT NULL,
    [DueDate] bDate,
    [DiscDate] bDate,
    [CheckDate] bDate,
    [Description] bDesc,
    PRIMARY KEY ([ARCo], [Mth], [ARTrans])
);

-- table bJCJM: base table of the view JCJM
CREATE TABLE [dbo].[bJCJM] (
    [JCCo] bCompany NOT NULL,
    [Job] bJob NOT NULL,
    [Description] bItemDesc,
    [Contract] bContract,
    [JobStatus] tinyint NOT NULL,
    [BidNumber] varchar(10),
    [LockPhases] bYN NOT NULL,
    [ProjectMgr] int,
    [JobPhone] bPhone,
    [JobFax] bPhone,
    [MailAddress] varchar(60),
    [MailCity] varchar(30),
    [MailState] varchar(4),
    [MailZip] bZip,
    [MailAddress2] varchar(60),
    [ShipAddress] varchar(60),
    [ShipCity] varchar(30),
    [ShipState] varchar(4),
    [ShipZip] bZip,
    [ShipAddress2] varchar(60),
    PRIMARY KEY ([JCCo], [Job])
);

-- table bJCCD: base table of the view JCCD
CREATE TABLE [dbo].[bJCCD] (
    [JCCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [CostTrans] bTrans NOT NULL,
    [Job] bJob NOT NULL,
    [PhaseGroup] bGroup NOT NULL,
    [Phase] bPhase NOT NULL,
    [CostType] bJCCType NOT NULL,
    [PostedDate] bDate NOT NULL,
    [ActualDate] bDate NOT NULL,
    [JCTransType] varchar(2) NOT NULL,
    [Source] bSource NOT NULL,
    [Description] bTransDesc,
    [BatchId] bBatchID,
    [InUseBatchId] bBatchID,
    [GLCo] bCompany,
    [GLTransAcct] bGLAcct,
    [GLOffsetAcct] bGLAcct,
    [ReversalStatus] tinyint NOT NULL,
    [UM] bUM,
    [ActualUnitCost] bUnitCost NOT NULL,
    PRIMARY KEY ([JCCo], [Mth], [CostTrans])
);

-- table bGLAC: base table of the view GLAC
CREATE TABLE [dbo].[bGLAC] (
    [GLCo] bCompany NOT NULL,
    [GLAcct] bGLAcct NOT NULL,
    [Description] bDesc,
    [AcctType] char(1) NOT NULL,
    [SubType] char(1),
    [NormBal] char(1),
    [InterfaceDetail] bYN NOT NULL,
    [Active] bYN NOT NULL,
    [SummaryAcct] bGLAcct NOT NULL,
    [CashAccrual] char(1) NOT NULL,
    [CashOffAcct] bGLAcct,
    [Notes] sql_variant,
    [Part1] varchar(20),
    [Part2] varchar(20),
    [Part3] varchar(20),
    [Part4] varchar(20),
    [Part5] varchar(20),
    [Part6] varchar(20),
    [AllParts] varchar(20),
    [CrossRefMemAcct] bGLAcct,
    PRIMARY KEY ([GLCo], [GLAcct])
);

-- table bGLDT: base table of the view GLDT
CREATE TABLE [dbo].[bGLDT] (
    [GLCo] bCompany NOT NULL,
    [Mth] bMonth NOT NULL,
    [GLTrans] bTrans NOT NULL,
    [GLAcct] bGLAcct NOT NULL,
    [Jrnl] bJrnl NOT NULL,
    [GLRef] bGLRef NOT NULL,
    [SourceCo] bCompany NOT NULL,
    [Source] bSource NOT NULL,
    [ActDate] bDate NOT NULL,
    [DatePosted] bDate NOT NULL,
    [Description] bTransDesc,
    [BatchId] bBatchID NOT NULL,
    [Amount] bDollar NOT NULL,
    [RevStatus] tinyint NOT NULL,
    [Adjust] char(1) NOT NULL,
    [InUseBatchId] bBatchID,
    [Purge] bYN NOT NULL,
    [UniqueAttchID] uniqueidentifier,
    [SrcTable] varchar(128),
    [SrcKeyID] bigint,
    PRIMARY KEY ([GLCo], [Mth], [GLTrans])
);

-- table bEMEM: base table of the view EMEM
CREATE TABLE [dbo].[bEMEM] (
    [EMCo] bCompany NOT NULL,
    [Equipment] bEquip NOT NULL,
    [Location] sql_variant,
    [Type] tinyint,
    [Department] bDept,
    [Category] bCat,
    [Manufacturer] sql_variant,
    [Model] sql_variant,
    [ModelYr] sql_variant,
    [VINNumber] sql_variant,
    [Description] bDesc,
    [Status] tinyint,
    [OdoReading] sql_variant,
    [OdoDate] sql_variant,
    [ReplacedOdoReading] sql_variant,
    [FuelUsed] sql_variant,
    [HourDate] sql_variant,
    [HourReading] sql_variant,
    [JCCo] bCompany,
    [Job] bJob,
    PRIMARY KEY ([EMCo], [Equipment])
);

-- table bINMT: base table of the view INMT
CREATE TABLE [dbo].[bINMT] (
    [INCo] bCompany NOT NULL,
    [Loc] bLoc NOT NULL,
    [MatlGroup] bGroup NOT NULL,
    [Material] bMatl NOT NULL,
    [VendorGroup] bGroup,
    [LastVendor] sql_variant,
    [LastCost] sql_variant,
    [LastECM] sql_variant,
    [LastCostUpdate] sql_variant,
    [AvgCost] sql_variant,
    [Active] bYN,
    [Alloc] sql_variant,
    [AuditYN] sql_variant,
    [AutoProd] sql_variant,
    [AvgECM] sql_variant,
    [CostPhase] sql_variant,
    [CustRate] sql_variant,
    [EquipRate] sql_variant,
    [GLProdUnits] sql_variant,
    [GLSaleUnits] sql_variant,
    PRIMARY KEY ([INCo], [Loc], [MatlGroup], [Material])
);

-- table bHQCO: base table of the view HQCO
CREATE TABLE [dbo].[bHQCO] (
    [HQCo] bCompany NOT NULL,
    [Name] varchar(60),
    [Address] varchar(60),
    [City] varchar(30),
    [State] varchar(4),
    [Zip] bZip,
    [Address2] varchar(60),
    [FedTaxId] sql_variant,
    [Phone] bPhone,
    [Fax] bPhone,
    [CustGroup] bGroup,
    [DefaultCountry] sql_variant,
    [PhaseGroup] bGroup,
    [CurrencyID] sql_variant,
    [DFId] sql_variant,
    PRIMARY KEY ([HQCo])
);

-- table vHQContact: base table of the view HQContact
CREATE TABLE [dbo].[vHQContact] (
    [HQContactID] sql_variant,
    [ContactGroup] sql_variant,
    [ContactSeq] sql_variant,
    [FirstName] nvarchar,
    [MiddleInitial] sql_variant
);

-- ===== other schemas =====

-- table vAPPurgeLog: Log of AP purges
CREATE TABLE [VPLog].[vAPPurgeLog] (
    [LogID] int NOT NULL,
    [APCo] bCompany NOT NULL,
    [LogMessage] sql_variant,
    [IsError] bit,
    [LogDate] bDate
);

-- table vGLPurgeLog: Log of GL purges
CREATE TABLE [VPLog].[vGLPurgeLog] (
    [LogID] int NOT NULL,
    [LogMessage] sql_variant,
    [IsError] bit,
    [LogDate] bDate
);

-- table vPlanningGroup: Planning groups of resource management
CREATE TABLE [ResourceManagement].[vPlanningGroup] (
    [PlanningGroupId] bigint NOT NULL,
    [PlanningGroupName] nvarchar NOT NULL,
    [WorkTypeId] int NOT NULL,
    [StartDate] bDate,
    [EndDate] sql_variant,
    [Notes] sql_variant,
    [UniqueAttchID] uniqueidentifier,
    [IsDefault] sql_variant,
    [CreatedBy] sql_variant,
    [CreatedDate] bDate,
    [ModifiedBy] sql_variant,
    [ModifiedDate] sql_variant,
    [SourceRowId] sql_variant
);

-- table LicenseUsage: Licences in use
CREATE TABLE [LIC].[LicenseUsage] (
    [ID] int NOT NULL,
    [EnterpriseID] int NOT NULL,
    [ClaimedBy] sql_variant NOT NULL,
    [ClaimedOnUTC] sql_variant,
    [HostName] sql_variant,
    [ActiveLogins] sql_variant,
    [LicenseType] sql_variant,
    [LicenseNumber] sql_variant
);
