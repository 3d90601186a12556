/**
 * Which rows a delete selects, which mode it takes, and what it leaves in the tables.
 */
@NullMarked
package io.github.deletionpolicy.scenario.delete;

import org.jspecify.annotations.NullMarked;
