package io.github.deletionpolicy;

/**
 * Whether a soft or scheduled delete cascades to dependent rows.
 *
 * @since 0.1
 */
public enum CascadeMode {

	/**
	 * Follow the foreign keys of the database's catalog: the default.
	 */
	CATALOG,

	/**
	 * Stamp the selected rows only.
	 */
	NONE

}
