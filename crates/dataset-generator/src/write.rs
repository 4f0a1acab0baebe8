//! A dataset as files, laid out like the shared cases.

use crate::dataset::Dataset;
use crate::schema::TABLES;
use std::fs;
use std::io;
use std::path::Path;

impl Dataset {
    /// Writes `bronze/<table>.csv` for every table and `case.toml`, making the directory. Without excluded addresses
    /// there is no file of them: importing one replaces the list.
    ///
    /// # Errors
    /// What the file system reports.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        let bronze = dir.join("bronze");
        fs::create_dir_all(&bronze)?;
        for table in
            TABLES.iter().filter(|table| table.name != "excluded_addresses" || !self.rows(table.name).is_empty())
        {
            fs::write(bronze.join(table.name).with_extension("csv"), self.csv(table.name)?)?;
        }
        fs::write(dir.join("case.toml"), self.case())
    }

    /// The CSV text of a table, with a header.
    ///
    /// # Errors
    /// None in practice: the writer is in memory.
    pub fn csv(&self, table: &str) -> io::Result<Vec<u8>> {
        let mut out = csv::Writer::from_writer(Vec::new());
        if let Some(table) = crate::schema::table(table) {
            out.write_record(table.columns)?;
        }
        for row in self.rows(table) {
            out.write_record(row.cells().iter().map(ToString::to_string))?;
        }
        out.into_inner().map_err(|error| error.into_error())
    }

    /// The text of `case.toml`.
    pub fn case(&self) -> String {
        let cutoffs: Vec<String> = self.params.cutoffs.iter().map(|cutoff| format!("\"{cutoff}\"")).collect();
        format!(
            "# Made by dataset-generator from seed {}.\nchain = \"{}\"\ncutoffs = [{}]\n",
            self.params.seed,
            self.params.chain,
            cutoffs.join(", ")
        )
    }
}
