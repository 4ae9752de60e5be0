USE [Viewpoint]
GO
/****** Object:  UserDefinedDataType [dbo].[bCompany]    Script Date: 1/2/2024 3:04:05 PM ******/
CREATE TYPE [dbo].[bCompany] FROM [tinyint] NULL
GO
/****** Object:  Table [dbo].[bAPTH]    Script Date: 1/2/2024 3:04:05 PM ******/
SET ANSI_NULLS ON
GO
SET QUOTED_IDENTIFIER ON
GO
CREATE TABLE [dbo].[bAPTH](
	[APCo] [dbo].[bCompany] NOT NULL,
	[Mth] [dbo].[bMonth] NOT NULL,
	[O'Brien; GO] [nvarchar](max) COLLATE Latin1_General_BIN NULL,
	[InvTotal] [numeric](12, 2) NULL,
	[Odd]]Name] [datetime2](7) NULL CONSTRAINT [DF_Odd] DEFAULT (getdate()),
	[Paid] AS ([InvTotal]-isnull([Disc],(0))) PERSISTED,
	[KeyID] [bigint] IDENTITY(1,1) NOT FOR REPLICATION NOT NULL,
	[ValidFrom] [datetime2](7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
 CONSTRAINT [PK_bAPTH] PRIMARY KEY CLUSTERED
(
	[APCo] ASC,
	[Mth] DESC
)WITH (PAD_INDEX = OFF, STATISTICS_NORECOMPUTE = OFF, IGNORE_DUP_KEY = OFF) ON [PRIMARY]
) ON [PRIMARY] TEXTIMAGE_ON [PRIMARY]
GO
SET ANSI_NULLS ON
GO
CREATE TABLE [dbo].[bAPTL](
	[APCo] [dbo].[bCompany] NOT NULL,
	[Mth] [dbo].[bMonth] NOT NULL,
	[Amount] [decimal](18, 2) NOT NULL
) ON [PRIMARY]
GO
CREATE VIEW [dbo].[APTH] AS SELECT a.* FROM [dbo].[bAPTH] a
GO
CREATE   VIEW [dbo].[APLines]
AS
/* lines with their header; a comment with 'a quote */
SELECT	h.APCo, h.Mth AS Month, l.*, sum(l.Amount) AS Total
FROM dbo.APTH h WITH (NOLOCK)
	JOIN dbo.bAPTL l WITH (NOLOCK) ON l.APCo = h.APCo AND l.Mth = h.Mth -- it's so
GROUP BY h.APCo;
GO
CREATE VIEW [rpt].[vWithout] AS SELECT * FROM OPENROWSET(BULK N'C:\x;y', FORMATFILE = 'f') WITH (a int '$.a') AS x PIVOT FOR
GO
CREATE PROCEDURE [dbo].[bspAP] AS
BEGIN
  SET NOCOUNT ON;
  CREATE TABLE #work (a int);
  CREATE TABLE inside (a int);
END
GO
CREATE TRIGGER [dbo].[btAPTHi] ON [dbo].[bAPTH] FOR INSERT AS
  DECLARE @msg varchar(10); SELECT @msg = 'CREATE TABLE no (a int)';
GO
ALTER TABLE [dbo].[bAPTH] ADD  CONSTRAINT [DF_x]  DEFAULT ('N') FOR [InvTotal]
GO
ALTER TABLE [dbo].[bAPTL]  WITH CHECK ADD  CONSTRAINT [FK_bAPTL_bAPTH] FOREIGN KEY([APCo], [Mth])
REFERENCES [dbo].[bAPTH] ([APCo], [Mth])
GO
ALTER TABLE [dbo].[bAPTL] CHECK CONSTRAINT [FK_bAPTL_bAPTH]
GO
ALTER TABLE [dbo].[bAPTL] ADD CONSTRAINT [PK_bAPTL] PRIMARY KEY NONCLUSTERED ([APCo] ASC, [Mth] ASC)
GO
CREATE NONCLUSTERED INDEX [i] ON [dbo].[bAPTH] ([Mth] ASC)
GO
CREATE TABLE [dbo].[broken](
	[APCo] [dbo].[bCompany] NOT NULL,
	[Mth ([dbo]. (
GO
EXEC sys.sp_addextendedproperty @name=N'MS_Description', @value=N'AP header, the vendor''s invoices' , @level0type=N'SCHEMA',@level0name=N'dbo', @level1type=N'TABLE',@level1name=N'bAPTH'
GO
EXEC sys.sp_addextendedproperty @name=N'MS_Description', @value=N'AP company' , @level0type=N'SCHEMA',@level0name=N'dbo', @level1type=N'TABLE',@level1name=N'bAPTH', @level2type=N'COLUMN',@level2name=N'APCo'
GO
EXEC sp_addextendedproperty 'MS_Description', 'lines of AP', 'SCHEMA', 'dbo', 'TABLE', 'bAPTL', NULL, NULL
GO
EXEC sys.sp_addextendedproperty @name=N'MS_DiagramPaneCount', @value=1 , @level0type=N'SCHEMA',@level0name=N'dbo', @level1type=N'VIEW',@level1name=N'APTH'
GO
