package io.github.deletionpolicy.sample.bulk;

import io.github.deletionpolicy.PendingPurges.AsyncSummary;
import io.github.deletionpolicy.sample.web.Notice;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * The page of the delete of many rows.
 */
@Controller
@RequestMapping("/operator/bulk")
class BulkController {

	private final Readings readings;

	BulkController(Readings readings) {
		this.readings = readings;
	}

	@GetMapping
	String show(Model model) {
		fill(model);
		return "bulk";
	}

	@GetMapping("/progress")
	String progress(Model model) {
		fill(model);
		return "bulk-update";
	}

	@PostMapping("/generate")
	String generate(RedirectAttributes next) {
		this.readings.generate();
		Notice.done(next, "Wrote %,d rows.".formatted(Readings.MANY));
		return "redirect:/operator/bulk";
	}

	@PostMapping("/delete")
	String delete() {
		this.readings.deleteAll();
		return "redirect:/operator/bulk";
	}

	@PostMapping("/cancel")
	String cancel() {
		this.readings.cancel();
		return "redirect:/operator/bulk";
	}

	private void fill(Model model) {
		model.addAttribute("progress",
				this.readings.lastDelete().map(AsyncSummary::progress).map(BulkProgress::of).orElse(null));
		model.addAttribute("rows", this.readings.count());
	}

}
