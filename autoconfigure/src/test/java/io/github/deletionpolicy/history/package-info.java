/**
 * Random histories of many clients, workers and faults, and a checker that decides from
 * what they were told and what the database has seen whether anything was lost or purged
 * wrongly.
 */
@NullMarked
package io.github.deletionpolicy.history;

import org.jspecify.annotations.NullMarked;
