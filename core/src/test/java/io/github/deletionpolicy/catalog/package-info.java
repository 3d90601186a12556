/**
 * Tests of what is known of tables and views without a database.
 */
@NullMarked
package io.github.deletionpolicy.catalog;

import org.jspecify.annotations.NullMarked;
