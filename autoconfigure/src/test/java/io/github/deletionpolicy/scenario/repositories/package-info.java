/**
 * Deletes through Spring Data JDBC, and the reads of what is left.
 */
@NullMarked
package io.github.deletionpolicy.scenario.repositories;

import org.jspecify.annotations.NullMarked;
